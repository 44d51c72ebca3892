/** What may stand in a drawing: shapes, text, paint, filters. Nothing that runs, moves, links, embeds or fetches. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const SVG_ELEMENTS = words(`
  svg g defs symbol use title desc style
  path rect circle ellipse line polyline polygon text tspan textPath
  linearGradient radialGradient stop pattern clipPath mask marker switch
  filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
  feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset
  fePointLight feSpecularLighting feSpotLight feTile feTurbulence
`);

/** The content is kept, the element is not. */
export const SVG_UNWRAPPED = words('a');

export const SVG_ATTRIBUTES = words(`
  id class style lang role aria-label aria-hidden aria-labelledby aria-describedby tabindex
  version viewBox preserveAspectRatio width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points dx dy rotate
  transform transform-origin pathLength textLength lengthAdjust startOffset method spacing side
  fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit
  stroke-dasharray stroke-dashoffset opacity color color-interpolation color-interpolation-filters color-rendering
  paint-order vector-effect shape-rendering text-rendering image-rendering display visibility overflow clip clip-path clip-rule
  mask mask-type mix-blend-mode isolation enable-background filter flood-color flood-opacity lighting-color
  stop-color stop-opacity offset gradientUnits gradientTransform spreadMethod
  patternUnits patternContentUnits patternTransform clipPathUnits maskUnits maskContentUnits filterUnits primitiveUnits
  marker-start marker-mid marker-end markerUnits markerWidth markerHeight refX refY orient
  font-family font-size font-size-adjust font-stretch font-style font-variant font-weight letter-spacing word-spacing
  text-anchor text-decoration text-overflow dominant-baseline alignment-baseline baseline-shift direction unicode-bidi
  writing-mode white-space xml:space
  in in2 result mode type values operator k1 k2 k3 k4 order kernelMatrix divisor bias targetX targetY edgeMode kernelUnitLength
  preserveAlpha surfaceScale diffuseConstant specularConstant specularExponent limitingConeAngle pointsAtX pointsAtY pointsAtZ
  azimuth elevation scale xChannelSelector yChannelSelector stdDeviation radius baseFrequency numOctaves seed stitchTiles
  tableValues slope intercept amplitude exponent z
`);

/** References stay within the drawing; a style may do no more than a sheet. */
export const isSafeValue = (name: string, value: string): boolean =>
  name === 'style' ? isSafeStyleSheet(value) && !/[{}]/.test(value) : hasOnlyInnerReferences(value);

/** No rule that fetches (`@import`, `@font-face`, `url(…)`, `image-set`), no escape that could hide one, no markup. */
export const isSafeStyleSheet = (text: string): boolean => {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, '');
  if (/[\\@<]|\/\*/.test(bare)) return false;
  if (
    /expression|javascript|behavior|-moz-binding|image-set|image\s*\(|cross-fade|element\s*\(|src\s*\(|attr\s*\(|content\s*:/i.test(
      bare,
    )
  )
    return false;
  return !/animation|transition/i.test(bare) && hasOnlyInnerReferences(bare);
};

const hasOnlyInnerReferences = (value: string): boolean =>
  !/url/i.test(value.replace(/url\(\s*(["']?)#[\w.:-]+\1\s*\)/gi, '')) && !/(?:javascript|data|vbscript|https?):/i.test(value);
