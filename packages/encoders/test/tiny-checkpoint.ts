import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';

/** A tensor for a safetensors file: its bytes, or float32 values. */
export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[] | Uint8Array;
  /** Instead of the right ones. */
  readonly offsets?: readonly [number, number];
}

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A safetensors file of any types, damaged at will. */
export function safetensorsOf(tensors: Readonly<Record<string, RawTensor>>, header?: string): Uint8Array {
  let end = 0;
  const parts: Uint8Array[] = [];
  const entries = Object.entries(tensors).map(([name, { dtype, shape, data, offsets }]) => {
    const bytes = data instanceof Uint8Array ? data : new Uint8Array(Float32Array.from(data).buffer);
    parts.push(bytes);
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: offsets ?? [end - bytes.length, end] }];
  });
  const json = Buffer.from(header ?? JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, ...parts]));
}

export const f32 = (...data: number[]): RawTensor => ({ dtype: 'F32', shape: [data.length], data });
const halves = (...bits: number[]): Uint8Array => new Uint8Array(Uint16Array.from(bits).buffer);

/** Ones, a subnormal, infinities, a NaN and both zeros. */
export const float16 = halves(0x3c00, 0xbc00, 0x0001, 0x7c00, 0xfc00, 0x7e00, 0x0000, 0x8000);
export const bfloat16 = halves(0x3f80, 0xbf80, 0x0001, 0x7f80, 0xff80, 0x7fc0, 0x0000, 0x8000);

const CARD = '---\nlanguage: en\nlicense: apache-2.0\n---\n# A tiny model\n';

/** All files that are read, and some that are not. */
export const CHECKPOINT: Files = {
  'config.json': '{ "model_type": "bert", "hidden_size": 2 }',
  'tokenizer.json': '{ "model": { "type": "WordPiece" } }',
  'tokenizer_config.json': '{ "do_lower_case": true }',
  'preprocessor_config.json': '{ "image_mean": [0.5, 0.5, 0.5] }',
  'README.md': CARD,
  'model.safetensors': safetensorsOf({
    'a.weight': { dtype: 'F32', shape: [2, 2], data: [1.5, -2, 2 ** -149, 0] },
    'b.half': { dtype: 'F16', shape: [8], data: float16 },
    'c.brain': { dtype: 'BF16', shape: [2, 4], data: bfloat16 },
    'd.ids': { dtype: 'I64', shape: [1, 2], data: new Uint8Array(16) },
  }),
  'pytorch_model.bin': 'not read',
  'onnx.txt': 'not read',
};

/** Two shards and their index. */
export const SHARDED: Files = {
  'config.json': '{ "model_type": "bert" }',
  'model.safetensors.index.json': JSON.stringify({
    metadata: { total_size: 20 },
    weight_map: { a: 'model-1-of-2.safetensors', b: 'model-2-of-2.safetensors', c: 'model-1-of-2.safetensors' },
  }),
  'model-1-of-2.safetensors': safetensorsOf({ a: f32(1, 2), c: f32(3) }),
  'model-2-of-2.safetensors': safetensorsOf({ b: f32(4, 5) }),
};

/** Makes folders that are removed after each test. */
export function folderMaker(): (files?: Files) => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return (files = {}) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sifaka-pretrained-'));
    made.push(folder);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    }
    return folder;
  };
}
