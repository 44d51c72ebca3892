export { generateSecret } from './generate.ts';
export { createRedactor } from './redact.ts';
export { createSealer, type Sealer } from './sealer.ts';
