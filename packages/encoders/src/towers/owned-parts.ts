import { collectParameters, disposeParameters, type Module } from '@sifaka/nn';

/** Some of a module's parts as a module of their own. @param parts as of `collectParameters` */
export function ownedParts(parts: Parameters<typeof collectParameters>[0]): Module {
  const parameters = collectParameters(parts);
  return { parameters, dispose: () => disposeParameters(parameters) };
}
