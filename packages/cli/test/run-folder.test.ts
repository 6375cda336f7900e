import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  ablate,
  compareModels,
  type Dataset,
  type FinishedRun,
  type ModelRun,
  RUN_FILES,
  runModel,
  UsageError,
  withFirstStage,
  withFolderLock,
} from '@sifaka/cli';
import { idOnly } from '@sifaka/trainer';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSandbox } from './sandbox.js';
import { SMALL, smallDataset } from './small-dataset.js';

const sandbox = makeSandbox();
let data: Dataset;
beforeAll(async () => {
  data = await smallDataset();
});

const file = (...names: string[]) => path.join(sandbox.folder, ...names);
const plan = ({ seed }: { readonly seed: number }) => withFirstStage(idOnly({ ...SMALL, seed }), 5);
function run(changes: Partial<ModelRun> = {}): Promise<FinishedRun | undefined> {
  const { options, steps } = plan({ seed: 1 });
  return runModel({
    ...sandbox.context(data),
    ...{ options, steps, batchSize: 16, resume: false, folder: sandbox.folder },
    ...changes,
  });
}

/** Everything but times and costs, which differ between any two runs or are of one process. */
function findings(finished: FinishedRun | undefined): object {
  const { throughput: _, wallSeconds: __, cost: ___, ...report } = finished!.report;
  return { report: JSON.parse(JSON.stringify(report)), logits: finished!.testLogits };
}

describe('the files of others', () => {
  it.each([RUN_FILES.report, RUN_FILES.plot, RUN_FILES.logits, RUN_FILES.description])(
    'keeps a %s that no run wrote, and refuses the folder by name',
    async (name) => {
      await writeFile(file(name), '{"mine":true}');
      await expect(run()).rejects.toThrow(
        new UsageError(
          `Output folder ${sandbox.folder}: expected files of an earlier run or none, got ${file(name)}, ` +
            'which no run wrote\n  Choose another folder, or move the file away.',
        ),
      );
      expect(await readdir(sandbox.folder)).toEqual([name]);
      expect(await readFile(file(name), 'utf8')).toBe('{"mine":true}');
    },
  );

  it.each([
    ['without state.json', 'weights.bin', 'mine'],
    ['with a state.json of another program', 'state.json', '{"step": 1}'],
  ])('keeps a checkpoint folder %s, in a new folder', async (_, name, content) => {
    const mine = file(RUN_FILES.checkpoints, 'step-00000001');
    await mkdir(mine, { recursive: true });
    await writeFile(path.join(mine, name), content);
    await expect(run()).rejects.toThrow(`got ${mine}, which no run wrote`);
    expect(await readFile(path.join(mine, name), 'utf8')).toBe(content);
  });

  it("keeps a checkpoint folder without state.json in a run's folder", async () => {
    await run();
    const mine = file(RUN_FILES.checkpoints, 'step-00000001');
    await mkdir(mine);
    await expect(run()).rejects.toThrow(`got ${mine}, which no run wrote`);
    expect(existsSync(mine)).toBe(true);
    expect(existsSync(file(RUN_FILES.report))).toBe(true);
  });

  it('replaces a damaged checkpoint and report of its own', async () => {
    await run();
    const [checkpoint] = await readdir(file(RUN_FILES.checkpoints));
    await writeFile(file(RUN_FILES.checkpoints, checkpoint!, 'state.json'), '');
    await writeFile(file(RUN_FILES.report), 'null');
    expect((await run())!.report.training.steps).toBe(5);
  });

  it('replaces a run of a version that wrote no run.json', async () => {
    await run();
    await rm(file(RUN_FILES.description));
    expect((await run({ steps: 2 }))!.report.training.steps).toBe(2);
    await rm(file(RUN_FILES.description));
    await rm(file(RUN_FILES.report));
    await rm(file(RUN_FILES.plot));
    await rm(file(RUN_FILES.logits));
    expect((await run({ steps: 3 }))!.report.training.steps).toBe(3);
  });

  it('keeps an earlier run if the new one cannot begin', async () => {
    await run();
    const before = await readdir(sandbox.folder);
    await expect(run({ options: { ...idOnly(SMALL), dim: -1 } })).rejects.toThrow('dim');
    expect(await readdir(sandbox.folder)).toEqual(before);
    expect(await readdir(file(RUN_FILES.checkpoints))).toEqual(['step-00000005']);
  });

  it.each(['comparison.json', 'ablation.json'])('keeps a %s that no run wrote', async (name) => {
    await writeFile(file(name), '{"schema":1}');
    const options = { ...sandbox.context(data), seeds: [1], batchSize: 16, resume: false, output: sandbox.folder };
    const row = { name: 'ids', table: 2, paper: 0, options: ({ seed }: { readonly seed: number }) => idOnly({ seed }) };
    const refused =
      name === 'comparison.json'
        ? compareModels({ ...options, contenders: [{ name: 'ids', plan }] })
        : ablate({ ...options, rows: [row], baseline: 'ids', whole: 'ids', steps: 5 });
    await expect(refused).rejects.toThrow(`got ${file(name)}, which no run wrote`);
    expect(await readdir(sandbox.folder)).toEqual([name]);
  });
});

describe('one run at a time', () => {
  it('refuses one of two runs in the same folder, which leaves the other alone', async () => {
    const outcomes = await Promise.allSettled([run({ steps: 4 }), run({ steps: 5 })]);
    const [finished] = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const [refused] = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toMatchObject({ message: expect.stringContaining('expected no other run, got process') });
    const report = JSON.parse(await readFile(file(RUN_FILES.report), 'utf8'));
    expect(report.training.steps).toBe(finished!.report.training.steps);
    expect((await readdir(sandbox.folder)).sort()).toEqual(Object.values(RUN_FILES).sort());
  });

  it('refuses a second comparison in the same folder', async () => {
    const compare = () =>
      compareModels({
        ...sandbox.context(data),
        ...{ contenders: [{ name: 'ids', plan }], seeds: [1], batchSize: 16, resume: false, output: sandbox.folder },
      });
    await withFolderLock(sandbox.folder, async () => {
      await expect(compare()).rejects.toThrow('expected no other run, got process');
    });
    expect(await compare()).toBe(true);
  });

  it('removes unfinished files of killed runs, and no others', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const unfinished = `report.json.${pid}-0f8fad5b-d9cb-469f-a165-70867728950e.tmp`;
    const others = [`report.json.${pid}.tmp`, 'report.json.partial'];
    for (const name of [unfinished, ...others]) await writeFile(file(name), '');
    await run();
    const kept = [...Object.values(RUN_FILES), ...others];
    expect((await readdir(sandbox.folder)).sort()).toEqual(kept.sort());
  });

  it('refuses runs that would share a folder', async () => {
    const compare = (names: string[], seeds: number[]) =>
      compareModels({
        ...sandbox.context(data),
        contenders: names.map((name) => ({ name, plan })),
        ...{ seeds, batchSize: 16, resume: false, output: sandbox.folder },
      });
    await expect(compare(['a b', '../a-b'], [1])).rejects.toThrow(
      'expected a folder for each run, got a-b-seed-1 for both a b with seed 1 and ../a-b with seed 1',
    );
    await expect(compare(['a'], [1, 1])).rejects.toThrow('got a-seed-1 for both');
    await expect(compare([], [1])).rejects.toThrow('expected at least one model and one seed, got none');
    expect(await readdir(sandbox.folder)).toEqual([]);
  });
});

describe('resume', () => {
  const refused = (changes: Partial<ModelRun>) => run({ resume: true, ...changes }).catch((error: Error) => error);

  it.each(['finished', 'interrupted'])('refuses a %s run of another batch size, options or data', async (kind) => {
    if (kind === 'interrupted') sandbox.interruptAt = /step 2: validation/;
    await run();
    sandbox.interruptAt = undefined;
    const before = await readFile(file(RUN_FILES.description), 'utf8');
    const other = await smallDataset({ text: 'a heist in space' });
    expect(await refused({ batchSize: 32 })).toEqual(
      new UsageError(
        `--batch-size: expected 16, that of the run in ${sandbox.folder}, got 32\n` +
          '  Without --resume, the run starts from the beginning and replaces these files.',
      ),
    );
    expect(await refused({ options: plan({ seed: 2 }).options })).toMatchObject({
      message: expect.stringMatching(/^--resume: expected the options of this run, .*\(seed: 1 there, 2 here\)\n/),
    });
    expect(await refused({ data: other })).toMatchObject({
      message: expect.stringContaining(
        `expected data ${data.report.fingerprint}, that of the run in ${sandbox.folder}, got ${other.report.fingerprint}`,
      ),
    });
    expect(await readFile(file(RUN_FILES.description), 'utf8')).toBe(before);
    expect((await run({ resume: true, steps: 6 }))!.report.training.steps).toBe(6);
    expect(JSON.parse(await readFile(file(RUN_FILES.description), 'utf8'))).toMatchObject({ steps: 6, batchSize: 16 });
  });

  it.each([{}, 5, { 'report.json': 'x' }])(
    'measures a run again if its description has the checksums %j',
    async (files) => {
      await run();
      const description = JSON.parse(await readFile(file(RUN_FILES.description), 'utf8'));
      await writeFile(file(RUN_FILES.description), JSON.stringify({ ...description, files }));
      expect((await run({ resume: true }))!.report.training.steps).toBe(5);
      expect(sandbox.printed[0]).toContain('missing or damaged: report.json, training.svg, test-logits.bin');
    },
  );

  it('refuses a run without a readable description', async () => {
    await run();
    await writeFile(file(RUN_FILES.description), '{"program":');
    expect(await refused({})).toMatchObject({
      message: expect.stringContaining(`${file(RUN_FILES.description)}, got one that cannot be read`),
    });
    await rm(file(RUN_FILES.description));
    expect(await refused({})).toMatchObject({ message: expect.stringContaining('got none') });
    await rm(file(RUN_FILES.report));
    expect(await refused({})).toMatchObject({ message: expect.stringContaining('got none') });
  });

  it.each([
    ['report.json that is null', RUN_FILES.report, () => Buffer.from('null')],
    ['report.json with another figure', RUN_FILES.report, (bytes: Buffer) => flipDigit(bytes)],
    ['flipped bit in the logits', RUN_FILES.logits, (bytes: Buffer) => bytes.fill(bytes[9]! ^ 1, 9, 10)],
    ['plot cut short', RUN_FILES.plot, (bytes: Buffer) => bytes.subarray(1)],
    ['missing file', RUN_FILES.logits, undefined],
  ])('measures a run again after a %s, and says so', async (_, name, damage) => {
    const first = await run();
    if (damage === undefined) await rm(file(name));
    else await writeFile(file(name), damage(await readFile(file(name))));
    const again = await run({ resume: true });
    expect(sandbox.printed).toEqual([
      `  idOnly: missing or damaged: ${name}; measuring the run again from its checkpoint`,
      '  idOnly: resumed at step 5 from checkpoints/step-00000005',
    ]);
    expect(findings(again)).toEqual(findings(first));
    await run({ resume: true });
    expect(sandbox.printed.at(-1)).toBe('  idOnly: already finished, kept ()');
  });
});

it('measures a run again whose report is of an older version, and says so', async () => {
  const first = await run();
  const older = (await readFile(file(RUN_FILES.report), 'utf8')).replace(/"schema": \d+/, '"schema": 1');
  await writeFile(file(RUN_FILES.report), older);
  const description = JSON.parse(await readFile(file(RUN_FILES.description), 'utf8'));
  const files = { ...description.files, [RUN_FILES.report]: createHash('sha256').update(older).digest('hex') };
  await writeFile(file(RUN_FILES.description), JSON.stringify({ ...description, files }));
  const again = await run({ resume: true });
  expect(sandbox.printed[0]).toContain('report.json has schema 1, not 2; measuring the run again from its checkpoint');
  expect(findings(again)).toEqual(findings(first));
});

/** Changes the last digit of the AUC of test. */
function flipDigit(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.toString('utf8').replace(/("auc": 0\.\d+)(\d)/, (_, head, digit) => `${head}${(Number(digit) + 1) % 10}`),
  );
}

describe('errors before and during a run', () => {
  it.each([
    [{ steps: 0 }, 'runModel: expected steps to be a whole number from 1 to 99999999, got 0'],
    [{ steps: -1 }, 'got -1'],
    [{ steps: Number.NaN }, 'got NaN'],
    [{ steps: 2.5 }, 'got 2.5'],
    [{ steps: 1e8 }, 'got 100000000'],
    [{ batchSize: 0 }, 'runModel: expected batchSize to be a whole number from 1, got 0'],
    [{ batchSize: Number.NaN }, 'got NaN'],
  ])('refuses %j', async (changes, message) => {
    await expect(run(changes)).rejects.toThrow(message);
    expect(await readdir(sandbox.folder)).toEqual([]);
  });

  it('names folder, cause and checkpoint if the files of a run cannot be written', async () => {
    await writeFile(file(RUN_FILES.checkpoints), 'in the way');
    await expect(run()).rejects.toThrow(
      /^Checkpoint .*step-00000005: expected to write .*checkpoints, but E\w+: .*no checkpoint was written before/,
    );
    await rm(file(RUN_FILES.checkpoints));
    await run();
    await rm(file(RUN_FILES.logits));
    await mkdir(file(RUN_FILES.logits));
    await expect(run({ resume: true })).rejects.toThrow(
      /^Run : expected to write its files, got Cannot write .*test-logits\.bin: E\w+: .*\n.*step-00000005 is kept/,
    );
  });
});
