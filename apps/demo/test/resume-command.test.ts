import { expect, it } from 'vitest';
import { resumeCommand } from '../src/resume-command.js';

const script = 'apps/demo/dist/cli.js';

it('repeats what was typed, by the way it was started', () => {
  expect(resumeCommand(['start', '--steps', '30'], { npmScript: 'start', script })).toBe(
    'npm start -- --steps 30 --resume',
  );
  expect(resumeCommand(['start'], { npmScript: 'start', script })).toBe('npm start -- --resume');
  expect(resumeCommand(['train', '--data', 'films'], { npmScript: 'demo', script })).toBe(
    'npm run demo -- train --data films --resume',
  );
  expect(resumeCommand(['train', '--data', 'films'], { npmScript: undefined, script })).toBe(
    'node apps/demo/dist/cli.js train --data films --resume',
  );
});

it('leaves a value alone that reads like the command, and asks to resume once', () => {
  const argv = ['train', '--output', 'train', '--resume', '--data', 'start'];
  expect(resumeCommand(argv, { npmScript: 'demo', script })).toBe(
    'npm run demo -- train --output train --data start --resume',
  );
});

it('quotes what a shell would take apart', () => {
  const argv = ['train', '--data', "Kate's films", '--output=$HOME'];
  expect(resumeCommand(argv, { npmScript: 'demo', script, platform: 'linux' })).toBe(
    `npm run demo -- train --data 'Kate'\\''s films' '--output=$HOME' --resume`,
  );
  expect(resumeCommand(['train', '--data', 'my films'], { npmScript: 'demo', script, platform: 'win32' })).toBe(
    'npm run demo -- train --data "my films" --resume',
  );
});
