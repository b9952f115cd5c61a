// What assembly/constants.ts is to TypeScript.
declare type u32 = number
declare type i32 = number
