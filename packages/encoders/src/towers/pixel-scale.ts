import { add, mul, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';

/** How an encoder turns bytes into its input: `(byte · rescale − mean) / deviation`, per channel (red, green, blue). */
export interface PixelScale {
  /** 1/255, or 1 if values stay in 0 … 255. */
  readonly rescale: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** To −1 … 1. */
export const SYMMETRIC_SCALE: PixelScale = { rescale: 1 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

const CHANNELS = 3;

/** Bytes as scaled values. A table of all values is faster than arithmetic. @param bytes red, green, blue, red, … */
export function scaledBytes(bytes: Uint8Array, scale: PixelScale): Float32Array {
  // Rounded as the engine rounds in scaledPixels, so that bytes and tensors of them are encoded alike.
  const { factors, shifts } = factorsAndShifts(scale);
  const tables = [...factors].map((factor, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => Math.fround(value * factor) + shifts[channel]!),
  );
  const scaled = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += CHANNELS) {
    for (let channel = 0; channel < CHANNELS; channel++) scaled[i + channel] = tables[channel]![bytes[i + channel]!]!;
  }
  return scaled;
}

/** @param pixels `[..., 3]` of 0 … 255 @returns `[..., 3]` */
export function scaledPixels(pixels: Tensor, scale: PixelScale): Tensor {
  const { factors, shifts } = factorsAndShifts(scale);
  return tidy(() => add(mul(pixels, tensor1d(factors)), tensor1d(shifts)));
}

function factorsAndShifts({ rescale, mean, deviation }: PixelScale) {
  return {
    factors: Float32Array.from(deviation, (width) => rescale / width),
    shifts: Float32Array.from(mean, (centre, channel) => -centre / deviation[channel]!),
  };
}
