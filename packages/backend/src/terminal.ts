/** Where a command prints. */
export interface Terminal {
  print(text: string): void;
  printError(text: string): void;
}

/** This process's standard output and standard error. */
export const PROCESS_TERMINAL: Terminal = {
  print: (text) => console.log(text),
  printError: (text) => console.error(text),
};
