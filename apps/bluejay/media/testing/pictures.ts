/** Pictures and documents that tests send. */
import { randomBytes } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';

type Made = { readonly width?: number; readonly height?: number; readonly colour?: string; readonly alpha?: boolean };

/** One colour and a diagonal: small, and different for each colour. */
export const picture = (format: 'jpeg' | 'png' | 'webp' | 'avif' | 'gif', made: Made = {}): Promise<Buffer> =>
  draw(made).toFormat(format).toBuffer();

const draw = ({ width = 400, height = 300, colour = '#0066CC', alpha = false }: Made): Sharp =>
  sharp({ create: { width, height, channels: alpha ? 4 : 3, background: alpha ? { r: 9, g: 9, b: 9, alpha: 0.4 } : colour } });

/** As large as pictures get: nothing in it is like anything else. */
export const noise = (format: 'jpeg' | 'png', width: number, height: number): Promise<Buffer> => {
  const picture = sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } });
  return (format === 'jpeg' ? picture.jpeg({ quality: 40 }) : picture.png()).toBuffer();
};

/** As a phone takes it: lying on its side, with the place where it was taken, a thumbnail's worth of other facts, and a comment. */
export const photoWithMetadata = (): Promise<Buffer> =>
  draw({ width: 900, height: 600, colour: '#16A34A' })
    .withExif({
      IFD0: { Make: 'SECRETMAKE', Copyright: 'SECRETOWNER', ImageDescription: '<script>alert(1)</script>' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 30/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '13/1 24/1 0/1' },
    })
    .withMetadata({ orientation: 6 })
    .withXmp(
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">SECRETXMP</rdf:RDF></x:xmpmeta>',
    )
    .jpeg()
    .toBuffer();

/** @param frames each of another colour */
export const animation = async (format: 'gif' | 'webp', frames = 3): Promise<Buffer> => {
  const pages = await Promise.all(
    Array.from({ length: frames }, (_, index) => picture('png', { width: 100, height: 80, colour: `rgb(${index * 60},90,120)` })),
  );
  const joined = sharp(pages, { join: { animated: true } });
  return format === 'gif' ? joined.gif({ delay: 100 }).toBuffer() : joined.webp().toBuffer();
};

export const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
