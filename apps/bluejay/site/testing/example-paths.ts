/** Pages of the example that show a bit of everything. */
export const PATHS = [
  '/',
  '/products',
  '/products/pressure-sensors',
  '/products/pressure-sensors?page=2',
  '/products/flow-meters',
  '/products/pressure-sensors/wren-4-pressure-transmitter',
  '/products/gateways/kestrel-gateway',
  '/solutions',
  '/solutions?industry=food',
  '/solutions/leak-detection-in-long-mains',
];
