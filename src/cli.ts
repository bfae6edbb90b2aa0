#!/usr/bin/env node
import { runCli } from './cli/program.ts';
import { createSystemContext } from './cli/system-context.ts';

const args = process.argv.slice(2);
const code = await runCli(args, createSystemContext());
// a worker that was left behind may hold timers and sockets: `start` ends in any case
if (args[0] === 'start') process.exit(code);
process.exitCode = code;
