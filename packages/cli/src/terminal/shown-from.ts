import path from 'node:path';

/** Shows paths as the user would write them: relative to their working folder if they lie in it, absolute otherwise. */
export function shownFrom(workingFolder: string): (file: string) => string {
  return (file) => {
    const relative = path.relative(workingFolder, file);
    return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
  };
}
