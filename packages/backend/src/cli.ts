#!/usr/bin/env node
import { doctorCommand } from './doctor-command.js';
import { installCommand } from './install/install-command.js';

const USAGE = `Usage: npx @sifaka/backend doctor | install

doctor   trains one step on each engine; for those that fail, prints the reason and what may fix it
install  installs native TensorFlow or WebGPU

Both explain their options with --help.

The environment variable SIFAKA_ENGINE chooses the engine of programs that do not name one.`;

const [command, ...rest] = process.argv.slice(2);
if (command === 'doctor') {
  process.exitCode = await doctorCommand(rest);
} else if (command === 'install') {
  process.exitCode = await installCommand(rest);
} else {
  const help = command === undefined || command === '--help' || command === '-h';
  (help ? console.log : console.error)(help ? USAGE : `Unknown command: ${[command, ...rest].join(' ')}\n\n${USAGE}`);
  process.exitCode = help ? 0 : 1;
}
