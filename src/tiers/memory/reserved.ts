/** What names of users' tags may not begin with: under such names memory keeps what it knows of an entry. */
export const RESERVED = '\0hotset:'
