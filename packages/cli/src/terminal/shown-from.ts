import path from 'node:path';

/** Shows paths as the user would write them: relative inside the working folder, absolute outside it. */
export function shownFrom(workingFolder: string): (file: string) => string {
  return (file) => {
    const relative = path.relative(workingFolder, file);
    return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
  };
}
