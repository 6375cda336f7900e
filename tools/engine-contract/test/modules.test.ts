import { MODULES } from '@sifaka/engine-contract';
import { checkOperations } from './check-operation.js';

checkOperations(MODULES);
