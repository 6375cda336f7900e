#!/usr/bin/env node
import { examineEngines, formatHealth } from './doctor.js';

const USAGE = `Usage: npx @sifaka/backend doctor

doctor  starts every engine, trains one step on each that starts, and says what the others need

The environment variable SIFAKA_ENGINE names the engine that programs use where they do not name one.`;

const [command, ...rest] = process.argv.slice(2);
if (command === 'doctor' && rest.length === 0) {
  const found = await examineEngines();
  const best = found.find(({ name, works }) => works && name !== 'cpu');
  console.log(formatHealth(found));
  console.log(best === undefined ? '\nNo engine works here.' : `\nauto takes ${best.name}.`);
  process.exitCode = best === undefined ? 1 : 0;
} else {
  const asked = command === undefined || command === '--help' || command === '-h';
  (asked ? console.log : console.error)(asked ? USAGE : `Unknown: ${[command, ...rest].join(' ')}\n\n${USAGE}`);
  process.exitCode = asked ? 0 : 1;
}
