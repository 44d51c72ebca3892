/**
 * nginx.conf: constant, because a reload of nginx loses requests. Which directory a request is for, how long its answer may
 * be kept and where older files are comes in a header that HAProxy sets from its map; only HAProxy can reach the socket.
 * File names are relative to the prefix (-p).
 */
export const renderFilesConfiguration = ({ workers }: { workers: number }): string => `daemon off;
worker_processes ${workers};
worker_rlimit_nofile 16384;
pcre_jit on;
pid run/nginx.pid;
error_log stderr warn;

events { worker_connections 4096; }

http {
  access_log off;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 75s;
  keepalive_requests 1000000;
  # Looking up a name costs more than sending a small file, and that there is no .gz beside it is asked every time. A file
  # that is new or was replaced is noticed within two seconds.
  open_file_cache max=4096 inactive=60s;
  open_file_cache_valid 2s;
  open_file_cache_errors on;
  etag on;
  gzip off;
  gzip_static on;
  gzip_vary on;
  absolute_redirect off;
  port_in_redirect off;
  client_max_body_size 16k;
  client_body_temp_path run/tmp;
  proxy_temp_path run/tmp;
  fastcgi_temp_path run/tmp;
  uwsgi_temp_path run/tmp;
  scgi_temp_path run/tmp;
  types_hash_max_size 4096;

  default_type application/octet-stream;
  charset utf-8;
  charset_types ${CHARSET_TYPES.join(' ')};
  types {
${Object.entries(TYPES)
  .map(([type, extensions]) => `    ${type} ${extensions};`)
  .join('\n')}
  }

  # Without an absolute path there is no root: everything is then looked for in a directory that does not exist.
  # The header: caching, the directory, and older directories, which are looked at only when a file is missing; joined by "|".
  # Whoever reads $berth_root splits it, so that $berth_caching is there too when the answer's header is written.
  map $http_x_berth_root $berth_root {
    default /nonexistent;
    "~^(?<berth_caching>[^|/]*)\\\\|(?<berth_found>/[^|]*)" $berth_found;
  }
${[1, 2, 3, 4]
  .map(
    (n) =>
      `  map $http_x_berth_root $berth_earlier_${n} { default /nonexistent; "~^(?:[^|]*\\\\|){${n + 1}}(?<berth_found_${n}>/[^|]*)" $berth_found_${n}; }`,
  )
  .join('\n')}

  map $berth_caching $berth_cache {
    default "no-cache";
    none "no-cache";
    immutable "public, max-age=31536000, immutable";
    "~^age-(?<berth_seconds>[0-9]+)$" "public, max-age=$berth_seconds";
  }

  server {
    listen unix:run/nginx.sock;
    server_name _;
    index index.html;
    recursive_error_pages on;
    log_not_found off;
    add_header Cache-Control $berth_cache;

    # No dotfile and nothing below a dot directory, but for /.well-known/ at the top.
    location ~ ^(?:/\\.well-known(?=/))?+.*/\\. { return 404; }

    location / {
      root $berth_root;
      disable_symlinks on from=$berth_root;
      # Not try_files, which looks up every file once more than sending it does.
      error_page 403 404 = @earlier_1;
    }
${[1, 2, 3, 4]
  .map(
    (n) => `    location @earlier_${n} {
      root $berth_earlier_${n};
      disable_symlinks on from=$berth_earlier_${n};
      try_files $uri ${n === 4 ? '=404' : `@earlier_${n + 1}`};
    }`,
  )
  .join('\n')}
  }
}
`;

const CHARSET_TYPES = [
  'text/plain',
  'text/css',
  'text/csv',
  'text/markdown',
  'text/xml',
  'text/javascript',
  'text/calendar',
  'text/vtt',
  'application/json',
  'application/ld+json',
  'application/manifest+json',
  'application/xml',
  'application/rss+xml',
  'application/atom+xml',
  'image/svg+xml',
];

/** What a site is made of; anything else is offered as a download (application/octet-stream). */
const TYPES: Readonly<Record<string, string>> = {
  'text/html': 'html htm shtml',
  'text/plain': 'txt log conf ini',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/markdown': 'md markdown',
  'text/javascript': 'js mjs cjs',
  'text/calendar': 'ics',
  'text/vtt': 'vtt',
  'application/json': 'json map',
  'application/ld+json': 'jsonld',
  'application/manifest+json': 'webmanifest',
  'application/xml': 'xml xsl',
  'application/rss+xml': 'rss',
  'application/atom+xml': 'atom',
  'application/wasm': 'wasm',
  'application/pdf': 'pdf',
  'application/rtf': 'rtf',
  'application/epub+zip': 'epub',
  'application/zip': 'zip',
  'application/gzip': 'gz tgz',
  'application/zstd': 'zst',
  'application/x-tar': 'tar',
  'application/x-7z-compressed': '7z',
  'application/x-bzip2': 'bz2',
  'application/x-xz': 'xz',
  'application/java-archive': 'jar war',
  'application/msword': 'doc',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.apple.mpegurl': 'm3u8',
  'font/woff': 'woff',
  'font/woff2': 'woff2',
  'font/ttf': 'ttf',
  'font/otf': 'otf',
  'application/vnd.ms-fontobject': 'eot',
  'image/png': 'png',
  'image/apng': 'apng',
  'image/jpeg': 'jpg jpeg jfif',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'image/svg+xml': 'svg svgz',
  'image/x-icon': 'ico cur',
  'image/bmp': 'bmp',
  'image/tiff': 'tif tiff',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/ogg': 'ogg oga opus',
  'audio/flac': 'flac',
  'audio/wav': 'wav',
  'audio/midi': 'mid midi',
  'video/mp4': 'mp4 m4v',
  'video/webm': 'webm',
  'video/ogg': 'ogv',
  'video/quicktime': 'mov',
  'video/x-matroska': 'mkv',
  'video/mp2t': 'ts',
  'model/gltf+json': 'gltf',
  'model/gltf-binary': 'glb',
};
