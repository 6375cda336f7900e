export { MmrecFileError } from './mmrec-file-error.js';
export { type MmrecInteractions, readMmrecInteractions } from './read-interactions.js';
export { type MmrecFolder, readMmrecFolder } from './read-mmrec-folder.js';
export { type NpyMatrix, readNpy } from './read-npy.js';
