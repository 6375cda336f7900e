import { resumeCommand } from '@sifaka/cli';
import { expect, it } from 'vitest';

const launch = {
  npmScript: undefined,
  npmScripts: { start: ['start'], demo: [] },
  script: 'apps/demo/dist/cli.js',
};

it('repeats the arguments, in the way the program was started', () => {
  expect(resumeCommand(['start', '--steps', '30'], { ...launch, npmScript: 'start' })).toBe(
    'npm start -- --steps 30 --resume',
  );
  expect(resumeCommand(['start'], { ...launch, npmScript: 'start' })).toBe('npm start -- --resume');
  expect(resumeCommand(['train', '--data', 'films'], { ...launch, npmScript: 'demo' })).toBe(
    'npm run demo -- train --data films --resume',
  );
  expect(resumeCommand(['train', '--data', 'films'], launch)).toBe(
    'node apps/demo/dist/cli.js train --data films --resume',
  );
});

it('keeps a value that looks like the command, and adds --resume once', () => {
  const argv = ['train', '--output', 'train', '--resume', '--data', 'start'];
  expect(resumeCommand(argv, { ...launch, npmScript: 'demo' })).toBe(
    'npm run demo -- train --output train --data start --resume',
  );
});

it('quotes arguments that a shell would split', () => {
  const argv = ['train', '--data', "Kate's films", '--output=$HOME'];
  expect(resumeCommand(argv, { ...launch, npmScript: 'demo', platform: 'linux' })).toBe(
    `npm run demo -- train --data 'Kate'\\''s films' '--output=$HOME' --resume`,
  );
  expect(resumeCommand(['train', '--data', 'my films'], { ...launch, npmScript: 'demo', platform: 'win32' })).toBe(
    'npm run demo -- train --data "my films" --resume',
  );
});
