import { appendFileSync, closeSync, ftruncateSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { openPretrained, PretrainedError } from '@sifaka/encoders/node';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT, type Files, f32, folderMaker, SHARDED, safetensorsOf } from './tiny-checkpoint.js';

const makeFolder = folderMaker();

describe('openPretrained of a folder', () => {
  it('reads every file of a checkpoint', async () => {
    const folder = makeFolder(CHECKPOINT);
    const { weights, ...files } = await openPretrained(folder);
    expect(files).toEqual({
      name: folder,
      folder,
      config: { model_type: 'bert', hidden_size: 2 },
      tokenizer: CHECKPOINT['tokenizer.json'],
      tokenizerConfig: { do_lower_case: true },
      preprocessor: { image_mean: [0.5, 0.5, 0.5] },
      licence: 'apache-2.0',
    });
    expect([...weights.entries]).toEqual([
      ['a.weight', { shape: [2, 2], dtype: 'F32' }],
      ['b.half', { shape: [8], dtype: 'F16' }],
      ['c.brain', { shape: [2, 4], dtype: 'BF16' }],
      ['d.ids', { shape: [1, 2], dtype: 'I64' }],
    ]);
  });

  it('widens float16 and bfloat16 without rounding', async () => {
    const { weights } = await openPretrained(makeFolder(CHECKPOINT));
    expect(await weights.read('a.weight')).toEqual(Float32Array.of(1.5, -2, 2 ** -149, 0));
    const special = (smallest: number) => Float32Array.of(1, -1, smallest, Infinity, -Infinity, NaN, 0, -0);
    expect(await weights.read('b.half')).toEqual(special(2 ** -24));
    expect(await weights.read('c.brain')).toEqual(special(2 ** -133));
  });

  it('reads shards', async () => {
    const { weights } = await openPretrained(makeFolder(SHARDED));
    expect([...weights.entries.keys()].sort()).toEqual(['a', 'b', 'c']);
    expect(await Promise.all(['a', 'b', 'c'].map((name) => weights.read(name)))).toEqual([
      Float32Array.of(1, 2),
      Float32Array.of(4, 5),
      Float32Array.of(3),
    ]);
  });

  it('has only the parts that exist', async () => {
    const { 'config.json': config, 'model.safetensors': model } = CHECKPOINT;
    const files = await openPretrained(makeFolder({ 'config.json': `\ufeff${config}`, 'model.safetensors': model! }));
    expect(Object.keys(files).sort()).toEqual(['config', 'folder', 'name', 'weights']);
  });

  it('reads one tensor, not the file', async () => {
    // A file of 3 GiB of which only the first bytes were ever written.
    const size = 3 * 2 ** 30;
    const huge = { dtype: 'F32', shape: [size / 4], data: [], offsets: [8, 8 + size] as [number, number] };
    const start = safetensorsOf({ small: f32(7, 8), huge });
    const folder = makeFolder({ 'config.json': '{}' });
    const file = openSync(path.join(folder, 'model.safetensors'), 'w');
    writeSync(file, start);
    ftruncateSync(file, start.length + size);
    closeSync(file);
    const before = process.memoryUsage().arrayBuffers;
    const { weights } = await openPretrained(folder);
    expect(weights.entries.get('huge')).toEqual({ dtype: 'F32', shape: [size / 4] });
    expect(await weights.read('small')).toEqual(Float32Array.of(7, 8));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  });

  it('refuses tensors that are missing or not of floats, without reading them', async () => {
    const folder = makeFolder(CHECKPOINT);
    const { weights } = await openPretrained(folder);
    await expect(weights.read('d.ids')).rejects.toThrow(
      `openPretrained: ${folder}, model.safetensors: d.ids: expected F32, F16 or BF16, got I64`,
    );
    await expect(weights.read('e')).rejects.toThrow(`openPretrained: ${folder}: there is no tensor e`);
  });

  it('refuses to read a file that has changed since, or is gone', async () => {
    const folder = makeFolder(CHECKPOINT);
    const { weights } = await openPretrained(folder);
    appendFileSync(path.join(folder, 'model.safetensors'), 'x');
    await expect(weights.read('a.weight')).rejects.toThrow(
      'model.safetensors: the file has changed since it was opened',
    );
    rmSync(path.join(folder, 'model.safetensors'));
    await expect(weights.read('a.weight')).rejects.toMatchObject({ reason: 'missing', file: 'model.safetensors' });
  });

  it('names a folder that is missing or is a file', async () => {
    const folder = makeFolder({ file: '' });
    const missing = path.join(folder, 'nothing');
    await expect(openPretrained(missing)).rejects.toThrow(`openPretrained: ${missing}: there is no such folder`);
    await expect(openPretrained('./no-such-model')).rejects.toMatchObject({
      reason: 'missing',
      source: './no-such-model',
    });
    const error = await openPretrained(path.join(folder, 'file')).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'disk', problem: 'expected a folder, got a file' });
    expect(PretrainedError.isInstance(error)).toBe(true);
    expect(PretrainedError.isInstance(new Error('another'))).toBe(false);
  });

  it('checks its arguments', async () => {
    await expect(openPretrained('')).rejects.toThrow(
      'openPretrained: expected the name of a model or a folder, got ""',
    );
    await expect(openPretrained('./a', { maxTensors: 0 })).rejects.toThrow(
      'expected maxTensors to be a whole number from 1',
    );
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(openPretrained(makeFolder(CHECKPOINT), { signal })).rejects.toThrow('enough');
  });
});

describe('a damaged checkpoint', () => {
  const model = CHECKPOINT['model.safetensors'] as Uint8Array;
  const index = (weightMap: unknown) => ({ 'model.safetensors.index.json': JSON.stringify({ weight_map: weightMap }) });
  const [one, two] = ['model-1-of-2.safetensors', 'model-2-of-2.safetensors'];
  const withModel = (content: Uint8Array): Files => ({ ...CHECKPOINT, 'model.safetensors': content });
  const overlap = { dtype: 'F32', shape: [1], data: [1], offsets: [4, 8] as [number, number] };

  it.each<[string, Files, string]>([
    ['no config', { 'model.safetensors': model }, ', config.json: there is no such file'],
    [
      'a cut config',
      { ...CHECKPOINT, 'config.json': '{ "model' },
      ', config.json: expected JSON, got text that is cut',
    ],
    ['a list as config', { ...CHECKPOINT, 'config.json': '[]' }, ', config.json: expected a JSON object'],
    [
      'a cut tokenizer config',
      { ...CHECKPOINT, 'tokenizer_config.json': '{' },
      ', tokenizer_config.json: expected JSON',
    ],
    [
      'no weights',
      { 'config.json': '{}' },
      ': expected model.safetensors or model.safetensors.index.json, got neither',
    ],
    [
      'pickled weights only',
      { 'config.json': '{}', 'pytorch_model.bin': 'x' },
      ', pytorch_model.bin: expected model.safetensors or model.safetensors.index.json, got only pytorch_model.bin. ' +
        'Formats that can run code when they are read are refused. Convert it once in Python: ' +
        'AutoModel.from_pretrained(…).save_pretrained(folder',
    ],
    [
      'no bytes',
      withModel(new Uint8Array()),
      ', model.safetensors: the file is damaged: expected at least 8 bytes, got 0',
    ],
    [
      'a cut header',
      withModel(model.subarray(0, 100)),
      ', model.safetensors: the file is damaged: expected a header within 100 bytes',
    ],
    [
      'cut data',
      withModel(model.subarray(0, -1)),
      ', model.safetensors: the file is damaged: d.ids: expected 16 bytes for I64 [1, 2] within the file',
    ],
    [
      'a surplus byte',
      withModel(new Uint8Array([...model, 0])),
      'the file is damaged: expected tensors of all 65 bytes',
    ],
    ['a header of no JSON', withModel(safetensorsOf({}, '{"a":')), 'the file is damaged: the header is not JSON'],
    [
      'overlapping tensors',
      withModel(safetensorsOf({ a: f32(1, 2), b: overlap })),
      'the file is damaged: b: expected a start at byte 8, after a, got 4 (the tensors overlap)',
    ],
    [
      'offsets outside',
      withModel(safetensorsOf({ a: { ...f32(1), offsets: [4, 8] } })),
      'the file is damaged: a: expected 4 bytes for F32 [1] within the file, got 4…8',
    ],
    [
      'a shape of other bytes',
      withModel(safetensorsOf({ a: { dtype: 'F16', shape: [3], data: [1] } })),
      'the file is damaged: a: expected 6 bytes for F16 [3] within the file, got 0…4',
    ],
    [
      'an unknown type',
      withModel(safetensorsOf({ a: { dtype: 'F7', shape: [1], data: [1] } })),
      'the file is damaged: a: expected F32, F16, BF16, ',
    ],
    [
      'a missing shard',
      { ...SHARDED, ...index({ a: one, b: 'gone.safetensors' }) },
      ', gone.safetensors: there is no such',
    ],
    [
      'a tensor in two shards',
      { ...SHARDED, [two]: safetensorsOf({ b: f32(4, 5), a: f32(1, 2) }) },
      `, ${two}: expected each tensor in one shard, got a in ${one} too`,
    ],
    [
      'a tensor in another shard than the index says',
      { ...SHARDED, ...index({ a: one, b: one, c: two }) },
      `, ${one}: expected b, which model.safetensors.index.json names, got ${two}`,
    ],
    ['a tensor in no shard', { ...SHARDED, ...index({ a: one, b: two, c: one, d: two }) }, 'expected d, which'],
    [
      'a tensor that the index leaves out',
      { ...SHARDED, ...index({ a: one, b: two }) },
      `, ${one}: expected the tensors that model.safetensors.index.json names, got c too`,
    ],
    ['an empty index', { ...SHARDED, ...index({}) }, 'expected a weight_map with tensors'],
    ['an index without a map', { ...SHARDED, ...index([]) }, 'expected a weight_map of file names by tensor, got none'],
    ['a cut index', { ...SHARDED, 'model.safetensors.index.json': '{"weight_map":{' }, 'expected JSON, got text'],
    ...[
      '../model.safetensors',
      '/etc/a.safetensors',
      'C:\\a.safetensors',
      'a/../../b.safetensors',
      'a\0.safetensors',
      'a',
      7,
    ].map((shard): [string, Files, string] => [
      `a shard named ${JSON.stringify(shard)}`,
      { ...SHARDED, ...index({ a: shard }) },
      ', model.safetensors.index.json: a: expected the name of a .safetensors file in the same folder, got ' +
        JSON.stringify(shard),
    ]),
  ])('with %s is an error that says so', async (_, files, message) => {
    const folder = makeFolder(files);
    const error = await openPretrained(folder).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PretrainedError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message.startsWith(`openPretrained: ${folder}`)).toBe(true);
  });

  it('with a header above the limit is an error', async () => {
    const folder = makeFolder(CHECKPOINT);
    await expect(openPretrained(folder, { maxHeaderBytes: 10 })).rejects.toThrow(
      'expected a header of at most 10 bytes',
    );
    await expect(openPretrained(folder, { maxTensors: 2 })).rejects.toThrow('expected at most 2');
  });

  it('cut at any byte is an error', async () => {
    const folder = makeFolder(CHECKPOINT);
    for (let length = 0; length < model.length; length += 7) {
      writeFileSync(path.join(folder, 'model.safetensors'), model.subarray(0, length));
      await expect(openPretrained(folder)).rejects.toMatchObject({ reason: 'format', file: 'model.safetensors' });
    }
  });
});
