/** /admin/navigation: menus, their entries, their order. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sessionOf } from '../accounts/session.ts';
import type { ActivityAction } from '../accounts/activity.ts';
import type { AdminScreen } from '../admin/admin-page.ts';
import { answerErrors } from '../admin/answer-errors.ts';
import { idSent, textSent } from '../admin/sent.ts';
import type { Bluejay, Routes } from '../bluejay.ts';
import { contentGone, InvalidContentError } from '../content/errors.ts';
import { MOVES, movedBy, parseArrangement } from './arrangement.ts';
import { inTransaction } from '../store/transaction.ts';
import { type ItemDraft, LINK_TYPES, type Menu } from './menu.ts';
import { type EditorOptions, renderEditor, renderItems, renderMenus } from './menu-screen.ts';
import { createMenus, type Menus } from './menus.ts';
import { NAVIGATION_TAG } from './read-menu.ts';

const ADDRESS = '/admin/navigation';

export const navigationRoutes: Routes = async (server, bluejay) => {
  await server.register(async (scope) => {
    answerErrors(scope, bluejay);
    registerNavigation(scope, bluejay);
  });
};

const registerNavigation = (server: FastifyInstance, bluejay: Bluejay): void => {
  const menus = createMenus(bluejay.database, bluejay.now);
  /** The change, its line in the log and what pages are told: all of it or nothing. */
  const atOnce = <T>(work: () => T): T => inTransaction(bluejay.database, work);
  const guard = { preHandler: bluejay.sessions.require('content.publish') };

  server.get(ADDRESS, guard, async (request, reply) => sendMenus(bluejay, menus, { request, reply }));

  server.post(ADDRESS, guard, async (request, reply) => {
    const entered = menuSent(request.body);
    return refusable(
      () => {
        const menu = atOnce(() => {
          const made = menus.create(entered);
          tell(bluejay, request, { action: 'created', menu: made, what: `Created the menu “${made.name}”` });
          return made;
        });
        return reply.redirect(`${ADDRESS}/${menu.id}`, 303);
      },
      (error) => sendMenus(bluejay, menus, { request, reply, refused: { entered, problems: error.problems } }),
    );
  });

  server.get(`${ADDRESS}/:id`, guard, async (request, reply) => {
    const menu = menuAsked(menus, request);
    return isFragment(request)
      ? sendItems(bluejay, menus, { request, reply, menu })
      : sendEditor(bluejay, menus, { request, reply, menu });
  });

  server.post(`${ADDRESS}/:id/settings`, guard, async (request, reply) => {
    const menu = menuAsked(menus, request);
    const entered = menuSent(request.body);
    return refusable(
      () => {
        atOnce(() => {
          menus.update(menu.id, entered);
          tell(bluejay, request, { action: 'updated', menu, what: `Changed the menu “${entered.name}”` });
        });
        return reply.redirect(`${ADDRESS}/${menu.id}?saved=1`, 303);
      },
      ({ problems }) => sendEditor(bluejay, menus, { request, reply, menu, refused: { form: 'settings', entered, problems } }),
    );
  });

  const remove = (request: FastifyRequest): void => {
    const menu = menuAsked(menus, request);
    atOnce(() => {
      menus.remove(menu.id);
      tell(bluejay, request, { action: 'deleted', menu, what: `Deleted the menu “${menu.name}”` });
    });
  };
  server.post(`${ADDRESS}/:id/delete`, guard, async (request, reply) => {
    remove(request);
    return reply.redirect(`${ADDRESS}?saved=1`, 303);
  });
  server.delete(`${ADDRESS}/:id`, guard, async (request, reply) => {
    remove(request);
    return reply.code(204).send();
  });

  server.post(`${ADDRESS}/:id/items`, guard, async (request, reply) => {
    const menu = menuAsked(menus, request);
    const entered = itemSent(request.body);
    return refusable(
      () => {
        const id = atOnce(() => {
          const added = menus.addItem(menu.id, entered);
          tell(bluejay, request, { action: 'updated', menu, what: `Added “${entered.label}” to the menu “${menu.name}”` });
          return added;
        });
        return reply.redirect(`${ADDRESS}/${menu.id}?saved=1#item-${id}`, 303);
      },
      ({ problems }) => sendEditor(bluejay, menus, { request, reply, menu, refused: { form: 'new', entered, problems } }),
    );
  });

  server.post(`${ADDRESS}/items/:id`, guard, async (request, reply) => {
    const { item, menu } = itemAsked(menus, request);
    const entered = itemSent(request.body);
    return refusable(
      () => {
        atOnce(() => {
          menus.changeItem(item.id, entered);
          tell(bluejay, request, { action: 'updated', menu, what: `Changed “${entered.label}” in the menu “${menu.name}”` });
        });
        return reply.redirect(`${ADDRESS}/${menu.id}?saved=1#item-${item.id}`, 303);
      },
      ({ problems }) => sendEditor(bluejay, menus, { request, reply, menu, refused: { form: item.id, entered, problems } }),
    );
  });

  const removeItem = (request: FastifyRequest): Menu => {
    const { item, menu } = itemAsked(menus, request);
    atOnce(() => {
      menus.removeItem(item.id);
      tell(bluejay, request, { action: 'updated', menu, what: `Deleted “${item.label}” from the menu “${menu.name}”` });
    });
    return menu;
  };
  server.post(`${ADDRESS}/items/:id/delete`, guard, async (request, reply) =>
    reply.redirect(`${ADDRESS}/${removeItem(request).id}?saved=1`, 303),
  );
  server.delete(`${ADDRESS}/items/:id`, guard, async (request, reply) => {
    removeItem(request);
    return isFragment(request) ? reply.code(200).send('') : reply.code(204).send();
  });

  server.post(`${ADDRESS}/items/:id/move`, guard, async (request, reply) => {
    const { item, menu } = itemAsked(menus, request);
    const move = MOVES.find((one) => one === textSent(request.body, 'move'));
    const places = move === undefined ? undefined : movedBy(menus.items(menu.id), item.id, move);
    if (places !== undefined)
      atOnce(() => {
        menus.arrange(menu.id, places);
        tell(bluejay, request, { action: 'updated', menu, what: `Moved “${item.label}” in the menu “${menu.name}”` });
      });
    if (isFragment(request)) return sendItems(bluejay, menus, { request, reply, menu });
    return reply.redirect(`${ADDRESS}/${menu.id}#item-${item.id}`, 303);
  });

  server.post(`${ADDRESS}/:id/reorder`, guard, async (request, reply) => {
    const menu = menuAsked(menus, request);
    const places = parseArrangement(menus.items(menu.id), request.body);
    if (typeof places === 'string') return reply.code(400).send({ error: places });
    atOnce(() => {
      menus.arrange(menu.id, places);
      tell(bluejay, request, { action: 'updated', menu, what: `Sorted the menu “${menu.name}”` });
    });
    return { status: 'ok' };
  });
};

type Answer = { readonly request: FastifyRequest; readonly reply: FastifyReply };

const sendMenus = (
  { admin }: Bluejay,
  menus: Menus,
  answer: Answer & { readonly refused?: Pick<Parameters<typeof renderMenus>[0], 'entered' | 'problems'> },
): FastifyReply => {
  const { request, reply, refused } = answer;
  const session = sessionOf(request);
  const body = renderMenus({ csrf: admin.csrfInput(session), menus: menus.list(), ...refused });
  const status = refused === undefined ? 200 : 400;
  return admin.send(reply, { title: 'Navigation', session, section: ADDRESS, body, notice: noticeOf(answer), status });
};

const sendEditor = (
  { admin }: Bluejay,
  menus: Menus,
  answer: Answer & { readonly menu: Menu; readonly refused?: EditorOptions['refused'] },
): FastifyReply => {
  const { request, reply, menu, refused } = answer;
  const session = sessionOf(request);
  const items = menus.items(menu.id);
  const body = renderEditor({ admin, session, menu, items, ...(refused !== undefined && { refused }) });
  const status = refused === undefined ? 200 : 400;
  return admin.send(reply, { title: menu.name, session, section: ADDRESS, body, notice: noticeOf(answer), status });
};

/** The list alone, for the script of the editor. */
const sendItems = (
  { admin }: Bluejay,
  menus: Menus,
  { request, reply, menu }: Answer & { readonly menu: Menu },
): FastifyReply => {
  const list = renderItems({ admin, session: sessionOf(request), menu, items: menus.items(menu.id) });
  return reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8').send(list.html);
};

const isFragment = ({ headers }: FastifyRequest): boolean => headers['hx-request'] === 'true';

const noticeOf = ({
  request,
  refused,
}: {
  readonly request: FastifyRequest;
  readonly refused?: unknown;
}): AdminScreen['notice'] => {
  if (refused !== undefined) return { kind: 'error', text: 'Not saved: an entry cannot be taken.' };
  return textSent(request.query, 'saved') === '1' ? { kind: 'success', text: 'Saved.' } : undefined;
};

const menuAsked = (menus: Menus, request: FastifyRequest): Menu => {
  const id = idSent((request.params as { readonly id?: string }).id ?? '');
  const menu = id === undefined ? undefined : menus.find(id);
  if (menu === undefined) throw contentGone('menu');
  return menu;
};

const itemAsked = (menus: Menus, request: FastifyRequest) => {
  const id = idSent((request.params as { readonly id?: string }).id ?? '');
  const item = id === undefined ? undefined : menus.findItem(id);
  const menu = item === undefined ? undefined : menus.find(item.menuId);
  if (item === undefined || menu === undefined) throw contentGone('menu entry');
  return { item, menu };
};

const menuSent = (body: unknown) => ({ name: textSent(body, 'name'), location: textSent(body, 'location') });

const itemSent = (body: unknown): ItemDraft => ({
  label: textSent(body, 'label'),
  linkType: LINK_TYPES.find(({ value }) => value === textSent(body, 'link_type'))?.value ?? 'url',
  url: textSent(body, 'url'),
  page: textSent(body, 'page_identifier'),
  opensNewTab: textSent(body, 'open_new_tab') === '1',
  isActive: textSent(body, 'is_active') === '1',
});

const refusable = (work: () => FastifyReply, refuse: (error: InvalidContentError) => FastifyReply): FastifyReply => {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidContentError) return refuse(error);
    throw error;
  }
};

/** To the activity log, and to the pages that show menus: in this process and in every other. */
const tell = (
  { content, activity }: Bluejay,
  request: FastifyRequest,
  change: { readonly action: ActivityAction; readonly menu: Menu; readonly what: string },
): void => {
  const { action, menu, what } = change;
  content.announce({
    type: 'navigation',
    id: menu.id,
    action: action === 'created' || action === 'deleted' ? action : 'updated',
    tags: [NAVIGATION_TAG],
  });
  const actor = sessionOf(request).account;
  activity.record({ actor, action, resource: 'navigation', resourceId: menu.id, title: menu.name, description: `${what}.` });
};
