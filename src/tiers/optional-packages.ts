/** The packages that only some parts need: imported when such a part is opened, with an error that says how to get them. */
import { HotsetError } from '../cache/errors.js'

/** A package that only this part needs is not installed. */
export class MissingPackageError extends HotsetError {
  readonly package: string

  constructor(name: string, neededBy: string, options?: ErrorOptions) {
    super(
      'ERR_HOTSET_MISSING_PACKAGE',
      `${neededBy} needs the package '${name}': npm install ${name}`,
      options,
    )
    this.package = name
  }

  override get name(): string {
    return 'MissingPackageError'
  }
}

/** @throws MissingPackageError */
export async function importLmdb(neededBy: string): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb')
  } catch (cause) {
    throw new MissingPackageError('lmdb', neededBy, { cause })
  }
}

/** @throws MissingPackageError */
export async function importRedis(neededBy: string): Promise<typeof import('redis')> {
  try {
    return await import('redis')
  } catch (cause) {
    throw new MissingPackageError('redis', neededBy, { cause })
  }
}
