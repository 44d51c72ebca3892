/** Things side by side, one at a time: scrolled by hand, by links, and with a script by buttons and by themselves. */
import { attribute, html, type Html } from '../../html/html.ts';

export type Carousel = {
  readonly name: string;
  /** Begins the ids of the slides: `hero-1`. */
  readonly id: string;
  readonly slides: readonly {
    readonly label: string;
    readonly body: Html /** Small, as its link. */;
    readonly thumbnail?: Html;
  }[];
  /** The next one comes after so many seconds, unless the visitor wants less motion. */
  readonly intervalSec?: number | undefined;
  readonly class?: string;
};

/** A single slide needs no carousel around it. Nothing when there are none. */
export const carousel = ({ name, id, slides, intervalSec, class: more = '' }: Carousel): Html | undefined => {
  const [only] = slides;
  if (only === undefined) return undefined;
  const isAlone = slides.length === 1;
  return html`<section class="carousel ${more}" aria-roledescription="carousel" aria-label="${name}"${attribute('data-carousel', !isAlone)}${attribute('data-interval', isAlone ? undefined : intervalSec)}>
<ul class="carousel-track"${attribute('tabindex', isAlone ? undefined : '0')}${attribute('aria-label', isAlone ? undefined : `${name}, scrolls sideways`)}>
${slides.map(({ body }, index) => html`<li class="carousel-slide" id="${id}-${index + 1}">${body}</li>`)}
</ul>
${
  !isAlone &&
  html`<div class="carousel-controls"><ol>${slides.map(
    ({ label, thumbnail }, index) =>
      html`<li><a href="#${id}-${index + 1}" aria-label="${numberOf(index)}: ${label}">${thumbnail ?? numberOf(index)}</a></li>`,
  )}</ol></div>`
}
</section>`;
};

const numberOf = (index: number): string => String(index + 1).padStart(2, '0');
