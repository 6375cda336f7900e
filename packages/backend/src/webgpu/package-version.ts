import { locatePackage } from '../import-package.js';
import { inNode } from '../in-node.js';

/**
 * Version of a package of the webgpu engine, as the engine would import it; `unknown` in a browser, which cannot tell.
 */
export function packageVersion(packageName: string): string {
  if (!inNode()) return 'unknown';
  const manifest = locatePackage('webgpu', `${packageName}/package.json`);
  if (manifest === undefined) return 'unknown';
  const { readFileSync } = process.getBuiltinModule('node:fs');
  return (JSON.parse(readFileSync(new URL(manifest), 'utf8')) as { version: string }).version;
}
