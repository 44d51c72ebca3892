/** The example at the top of the manifest's reference: every part of a manifest once. */
export const exampleManifest = `app: kolabpad
source: { root: ../.., include: [package.json, package-lock.json, packages/kit] }   # part of a repository
build: npm ci && npm run build        # in a clean copy of the source
release: { run: node migrate.ts, when: held }   # once per release, while nothing writes

services:
  web:
    run: node server/main.ts          # listens on $PORT
    switch: handover                  # only one instance may own the data
    health: { path: /healthz, every: 5s, timeout: 3s, fails: 3, start: 30s }
    stop: { signal: SIGTERM, within: 30s }
    limits: { memory: 512MB, cpu: 1 }
    env:
      EXPIRY_DAYS: 7
      DATABASE: \${stores.db.path}
      RENDER_URL: \${services.render.url}
      PUBLIC_URL: \${app.url}
    secrets: [SESSION_SECRET]         # the value: berth secret set kolabpad SESSION_SECRET
    listen: 3030                      # its stable port on 127.0.0.1
    needs: [render, db]               # healthy before web starts
  render:
    run: node render/main.ts
    instances: 2                      # rolling: always one that answers
    health: /healthz
  tidy: node tidy.ts                  # short for { run: node tidy.ts }

routes:
  pad.example.com:                    # "@" is the domain of the platform, "pad" a name below it
    headers: { X-Frame-Options: DENY }
    /: web
    /assets/: { files: dist/assets, cache: immutable }          # from the release
    /uploads/: { files: "\${stores.uploads}", cache: 1y }        # from a store
    /api/document/: { to: web, limit: { rate: 5/min, burst: 5 }, body: 1MB, timeout: 10s }
    /help: { redirect: https://example.com/help, status: 302 }
  www.pad.example.com: { redirect: pad.example.com }

stores:
  db: { sqlite: kolabpad.db }         # its path is in STORE_DB as well
  uploads: { files: uploads }

backup: { keep: 90d, files: 15m, drill: daily, check: node check-data.ts }
`;
