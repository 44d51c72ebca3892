import type { Routes } from '../bluejay.ts';
import { administrationRoutes } from './administration-routes.ts';
import { loginRoutes } from './login-routes.ts';
import { ownAccountRoutes } from './own-account-routes.ts';

/** Login and logout, the own account, everybody's accounts. Needs a parser of forms (@fastify/formbody), no cookie plugin. */
export const accountRoutes: Routes = async (server, bluejay) => {
  await loginRoutes(server, bluejay);
  await ownAccountRoutes(server, bluejay);
  await administrationRoutes(server, bluejay);
};
