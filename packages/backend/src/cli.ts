#!/usr/bin/env node
import { doctorCommand } from './doctor-command.js';
import { installCommand } from './install/install-command.js';

const USAGE = `Usage: npx @sifaka/backend doctor | install

doctor   starts every engine, trains one step on each that starts, and says what the others need
install  makes native TensorFlow or WebGPU work here; install --help says how

The environment variable SIFAKA_ENGINE names the engine that programs use where they do not name one.`;

const [command, ...rest] = process.argv.slice(2);
if (command === 'doctor') {
  process.exitCode = await doctorCommand(rest);
} else if (command === 'install') {
  process.exitCode = await installCommand(rest);
} else {
  const asked = command === undefined || command === '--help' || command === '-h';
  (asked ? console.log : console.error)(asked ? USAGE : `Unknown: ${[command, ...rest].join(' ')}\n\n${USAGE}`);
  process.exitCode = asked ? 0 : 1;
}
