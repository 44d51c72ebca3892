export { createApi } from './api.ts';
export { listenOnSocket } from './listen.ts';
