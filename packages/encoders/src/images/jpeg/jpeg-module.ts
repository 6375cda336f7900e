import { createJpegDecoder, type JpegDecoder } from './create-jpeg-decoder.js';
import { JPEG_DECODER_BASE64 } from './jpeg-decoder.generated.js';

/** Part of the cache key. Increment it when a change affects pixels. */
export const JPEG_DECODER_VERSION = 3;

let compiled: WebAssembly.Module | undefined;
let decoder: JpegDecoder | undefined;

/** Compiles the module once per process. */
export function jpegModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Buffer.from(JPEG_DECODER_BASE64, 'base64'));
  return compiled;
}

/** This thread's decoder. */
export function jpegDecoder(): JpegDecoder {
  decoder ??= createJpegDecoder(jpegModule());
  return decoder;
}
