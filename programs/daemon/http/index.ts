export { type Api, type ApiLog, createApi } from './api.ts';
export { socketInUse, socketNotOpened, socketPathBlocked, socketPathTooLong } from './errors.ts';
export { listenOnSocket } from './listen.ts';
