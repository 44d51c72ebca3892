/** The library's addresses: files for visitors, and its screens of the panel. */
import type { Routes } from '../bluejay.ts';
import { fileRoutes } from './file-routes.ts';
import { libraryRoutes } from './library-routes.ts';
import { uploadRoutes } from './upload-routes.ts';

export const mediaRoutes: Routes = async (server, bluejay) => {
  await fileRoutes(server, bluejay);
  await libraryRoutes(server, bluejay);
  await uploadRoutes(server, bluejay);
};
