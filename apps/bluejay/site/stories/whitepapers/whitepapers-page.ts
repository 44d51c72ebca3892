/** All whitepapers, or those of a topic. */
import { whitepaper } from '../../../types/whitepaper.ts';
import { whitepaperTopic } from '../../../types/whitepaper-topic.ts';
import type { PageContext, SitePage } from '../../site-frame.ts';
import { listByKind } from '../list-by-kind.ts';
import { whitepaperCard } from './whitepaper-card.ts';

export const whitepapersPage = (context: PageContext): SitePage | undefined =>
  listByKind(context, {
    path: '/whitepapers',
    title: 'Whitepapers',
    label: 'To read',
    text: 'What we measured and learned, written down at length. Yours for a name and an address.',
    empty: 'There is none here yet.',
    type: whitepaper,
    kind: whitepaperTopic,
    by: 'topic',
    kinds: { label: 'Topics', all: 'All topics' },
    colorOf: ({ fields }) => fields.color,
    card: whitepaperCard,
  });
