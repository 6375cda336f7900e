import { OPERATIONS } from '@sifaka/engine-contract';
import { checkOperations } from './check-operation.js';

checkOperations(OPERATIONS);
