import { quoted } from '@sifaka/nn';
import type { ConfigReader } from './config-reader.js';

/** Architectures that are named in errors for a reason of their own. */
const REFUSED: Readonly<Record<string, string>> = {
  siglip2: 'SigLIP 2 with a variable image size (NaFlex) is not implemented; its fixed sizes have model_type siglip',
};

/** @throws Error listing the architectures if `model_type` is none of them. */
export function chooseArchitecture<Form>(
  config: ConfigReader,
  architectures: Readonly<Record<string, Form>>,
): readonly [name: string, form: Form] {
  const name = config.text('model_type');
  if (Object.hasOwn(architectures, name)) return [name, architectures[name]!];
  const names = Object.keys(architectures).join(', ');
  const reason = Object.hasOwn(REFUSED, name) ? ` (${REFUSED[name]})` : '';
  throw new Error(`${config.where}: expected model_type to be one of ${names}, got ${quoted(name)}${reason}`);
}
