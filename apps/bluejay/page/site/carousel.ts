/** Carousels: which slide is seen, buttons to go on, and turning by themselves until somebody minds. */

export const startCarousels = (root: ParentNode): void => {
  for (const carousel of root.querySelectorAll<HTMLElement>('[data-carousel]')) start(carousel);
};

const start = (carousel: HTMLElement): void => {
  const track = carousel.querySelector<HTMLElement>('.carousel-track');
  const controls = carousel.querySelector<HTMLElement>('.carousel-controls');
  const slides = [...carousel.querySelectorAll<HTMLElement>('.carousel-slide')];
  const links = [...carousel.querySelectorAll<HTMLAnchorElement>('.carousel-controls ol a')];
  if (track === null || controls === null || slides.length < 2) return;

  let present = 0;
  const show = (index: number): void => {
    present = (index + slides.length) % slides.length;
    track.scrollTo({ left: (slides[present]?.offsetLeft ?? 0) - (slides[0]?.offsetLeft ?? 0) });
  };
  const mark = (index: number): void => {
    present = index;
    for (const [at, link] of links.entries()) {
      if (at === index) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    // What is out of sight is out of reach of the Tab key.
    for (const [at, slide] of slides.entries()) slide.inert = at !== index;
  };
  const seen = new IntersectionObserver(
    (changes) => {
      const slide = changes.find(({ isIntersecting }) => isIntersecting)?.target;
      if (slide instanceof HTMLElement) mark(slides.indexOf(slide));
    },
    { root: track, threshold: 0.6 },
  );
  for (const slide of slides) seen.observe(slide);

  for (const [index, link] of links.entries())
    link.addEventListener('click', (event) => {
      // The link alone would scroll the page as well.
      event.preventDefault();
      turns?.pause();
      show(index);
    });
  track.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0 || event.target !== track) return;
    event.preventDefault();
    turns?.pause();
    show(present + step);
  });

  const add = (label: string, text: string, onClick: (button: HTMLButtonElement) => void): HTMLButtonElement => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    button.setAttribute('aria-label', label);
    button.addEventListener('click', () => onClick(button));
    controls.append(button);
    return button;
  };
  const go = (step: number) => (): void => {
    turns?.pause();
    show(present + step);
  };
  add('Previous', '←', go(-1));
  add('Next', '→', go(1));

  const seconds = Number(carousel.dataset['interval']);
  const turns = seconds > 0 ? startTurning({ carousel, seconds, next: () => show(present + 1), add }) : undefined;
};

type Turning = {
  readonly carousel: HTMLElement;
  readonly seconds: number;
  readonly next: () => void;
  readonly add: (label: string, text: string, onClick: (button: HTMLButtonElement) => void) => HTMLButtonElement;
};

/** Pauses for a pointer, for the keyboard, behind other windows, and for good when it is told to. */
const startTurning = ({ carousel, seconds, next, add }: Turning): { pause(): void } => {
  let isRunning = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  let isMinded = false;
  const button = add('', '', () => set(!isRunning));
  const set = (running: boolean): void => {
    isRunning = running;
    button.textContent = running ? '❚❚' : '▶';
    button.setAttribute('aria-label', running ? 'Pause' : 'Play');
  };
  set(isRunning);
  const mind = (minded: boolean) => (): void => {
    isMinded = minded;
  };
  carousel.addEventListener('pointerenter', mind(true));
  carousel.addEventListener('pointerleave', mind(false));
  carousel.addEventListener('focusin', mind(true));
  carousel.addEventListener('focusout', mind(false));
  setInterval(() => {
    if (isRunning && !isMinded && !document.hidden) next();
  }, seconds * 1_000);
  return { pause: () => set(false) };
};
