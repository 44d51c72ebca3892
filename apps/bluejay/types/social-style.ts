/** How header and footer show social media. */
export const socialStyle = <const Section extends string>(section: Section) =>
  ({
    kind: 'choice',
    label: 'Social media as',
    options: [
      { value: 'icons', label: 'Icons' },
      { value: 'icons_labels', label: 'Icons with names' },
    ],
    default: 'icons',
    section,
  }) as const;
