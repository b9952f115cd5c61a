#!/usr/bin/env node
/**
 * The command `hotset`: finds the subcommand, and turns errors into one line and an exit code.
 *
 * 0 done, 1 it could not be done, 2 it was called wrongly, 130 it was interrupted.
 */
import { createRequire } from 'node:module'
import { InvalidOptionError } from '../cache/errors.js'
import { TraceError, UsageError } from '../replay/errors.js'
import { MAIN_HELP } from './help.js'
import { replayCommand } from './replay-command.js'
import { traceCommand } from './trace-command.js'

const FAILED = 1
const WRONG_USE = 2

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Why: `hotset replay | head` closes the pipe early, which is no failure.
  if (error.code === 'EPIPE') process.exit()
  throw error
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.exitCode = explain(error)
}

async function main([command, ...args]: string[]): Promise<number> {
  switch (command) {
    case 'replay':
      return replayCommand(args)
    case 'trace':
      return traceCommand(args)
    case '--version':
      process.stdout.write(`${readVersion()}\n`)
      return 0
    case undefined:
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(MAIN_HELP)
      return 0
    default:
      throw new UsageError(`There is no command '${command}'; allowed: replay, trace`)
  }
}

function readVersion(): string {
  return createRequire(import.meta.url)('hotset/package.json').version
}

function explain(error: unknown): number {
  if (error instanceof UsageError || error instanceof InvalidOptionError) {
    process.stderr.write(
      `hotset: ${error.message}\nTry 'hotset ${process.argv[2] === 'trace' ? 'trace' : 'replay'} --help'.\n`,
    )
    return WRONG_USE
  }
  if (error instanceof TraceError) {
    process.stderr.write(`hotset: ${error.message}\n`)
    return FAILED
  }
  throw error
}
