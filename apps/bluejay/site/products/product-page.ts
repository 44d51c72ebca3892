/** One product, with everything that is known about it. */
import type { RecordOf } from '../../content/content-type.ts';
import { plainText } from '../../content/sanitise.ts';
import { html, safeLink } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { product } from '../../types/product.ts';
import { productCategory } from '../../types/product-category.ts';
import { siteSettings } from '../../types/site-settings.ts';
import { sectionCall, sectionTexts } from '../page-sections.ts';
import { accordion } from '../parts/accordion.ts';
import { buttons } from '../parts/button.ts';
import { carousel } from '../parts/carousel.ts';
import { figure } from '../parts/figure.ts';
import { richText } from '../parts/rich-text.ts';
import { section } from '../parts/section.ts';
import { shorten } from '../parts/shorten.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { productDownloads } from './product-downloads.ts';
import { relatedToProduct } from './related.ts';

type Product = RecordOf<typeof product>;

const GALLERY_SIZES = '(min-width: 64rem) 38rem, 92vw';

export const productPage = (context: PageContext, categorySlug: string, slug: string): SitePage | undefined => {
  const { view } = context;
  const record = view.bySlug(product, slug);
  const category = record === undefined ? undefined : view.find(productCategory, record.fields.category);
  if (record === undefined || category === undefined || category.slug !== categorySlug) return undefined;
  const { fields, children, seo } = record;
  const words = { product_name: fields.name, product_sku: fields.sku };
  const description = seo.description || shorten(fields.tagline || plainText(fields.description), 160);
  return {
    title: seo.title || fields.name,
    description,
    image: seo.image ?? fields.primaryImage ?? children.images[0]?.image ?? null,
    type: 'product',
    structured: [productData(context, record, { category: category.fields.name, description })],
    breadcrumbs: [
      { label: 'Products', path: '/products' },
      { label: category.fields.name, path: `/products/${category.slug}` },
      { label: fields.name, path: `/products/${category.slug}/${record.slug}` },
    ],
    edit: { type: product.name, id: record.id },
    body: html`<div class="product wide">
${gallery(context, record)}
<div class="product-facts">
<p class="label">${category.fields.name}</p>
<h1>${fields.name}</h1>
${fields.tagline !== '' && html`<p class="lead">${fields.tagline}</p>`}
<p class="sku"><span>SKU</span> <code>${fields.sku}</code></p>
${richText(context, fields.description)}
${callOf(context, words)}
${certifications(context, record)}
</div>
</div>
${features(record)}
${fields.overview !== '' && section({ heading: 'Overview', body: richText(context, fields.overview) })}
${specifications(record)}
${productDownloads(context, record)}
${relatedToProduct(context, record)}
${sectionCall(view, 'product_detail.call', words)}`,
  };
};

const gallery = (context: PageContext, { fields, children }: Product) => {
  const pictures = [
    { image: fields.primaryImage, caption: '' },
    ...children.images.filter(({ image }) => image !== fields.primaryImage),
  ];
  const slides = pictures.flatMap(({ image, caption }, index) => {
    const picture = context.picture(image, { sizes: GALLERY_SIZES, eager: index === 0 });
    const body = figure(picture, caption);
    const thumbnail = context.picture(image, { sizes: '5rem', alt: '' });
    return body === undefined ? [] : [{ label: caption || `Picture ${index + 1}`, body, thumbnail }];
  });
  const video = safeLink(fields.videoUrl);
  const nothing = html`<div class="frame frame-empty">${icon('category')}</div>`;
  return html`<div class="product-pictures">
${carousel({ name: 'Pictures', id: 'picture', slides, class: 'gallery' }) ?? nothing}
${fields.videoUrl !== '' && html`<p><a class="video-link" href="${video}" rel="noopener"><span aria-hidden="true">▶</span> Watch the video <span class="small">${hostOf(video)}</span></a></p>`}
</div>`;
};

const callOf = ({ view }: PageContext, words: Readonly<Record<string, string>>) => {
  const texts = sectionTexts(view, 'product_detail.call', words);
  return texts === undefined ? undefined : buttons(texts.primary, texts.secondary);
};

const features = ({ children }: Product) =>
  children.features.length > 0 &&
  section({
    tone: 'grey',
    heading: 'Features',
    body: html`<ul class="ticks">${children.features.map(({ text }) => html`<li>${icon('check')}<span>${text}</span></li>`)}</ul>`,
  });

const specifications = ({ children }: Product) => {
  const sections = Map.groupBy(children.specs, (row) => row.section);
  if (sections.size === 0) return undefined;
  const parts = [...sections].map(([title, rows], index) => ({
    title,
    isOpen: index === 0,
    body: html`<dl class="specs">${rows.map(({ key, value }) => html`<div><dt>${key}</dt><dd>${value}</dd></div>`)}</dl>`,
  }));
  return section({ heading: 'Specifications', body: accordion(parts) });
};

const certifications = (context: PageContext, { children }: Product) =>
  children.certifications.length > 0 &&
  html`<ul class="marks" aria-label="Certifications">${children.certifications.map(({ name, code, icon: iconName, image }) => {
    const picture = context.picture(image, { sizes: '3rem', alt: '', class: 'mark-picture' });
    return html`<li>${picture.html === '' ? icon(iconName) : picture}<span>${name}${code !== '' && html` <span class="small">${code}</span>`}</span></li>`;
  })}</ul>`;

const productData = (context: PageContext, { fields, children }: Product, facts: { category: string; description: string }) => {
  const images = [fields.primaryImage, ...children.images.map(({ image }) => image)].flatMap((id) => {
    const path = context.imagePath(id, 1_200);
    return path === undefined ? [] : [context.origin + path];
  });
  return {
    '@type': 'Product',
    name: fields.name,
    sku: fields.sku,
    description: facts.description,
    category: facts.category,
    url: context.origin + context.path,
    brand: { '@type': 'Brand', name: context.view.single(siteSettings).fields.siteName },
    ...(images.length === 0 ? {} : { image: [...new Set(images)] }),
    ...(children.specs.length === 0
      ? {}
      : { additionalProperty: children.specs.map(({ key, value }) => ({ '@type': 'PropertyValue', name: key, value })) }),
  };
};

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).hostname.replace(/^www\./, '') : '');
