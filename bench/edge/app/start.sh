#!/bin/sh
# An app that is never the bottleneck: nginx answers 1 KB from memory, on $PORT, in the foreground.
set -eu
kilobyte=$(printf '%1024s' '' | tr ' ' x)
cat >"$STORE_SCRATCH/nginx.conf" <<CONFIGURATION
daemon off;
worker_processes 1;
pid $STORE_SCRATCH/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 75s;
  client_body_temp_path $STORE_SCRATCH/body;
  proxy_temp_path $STORE_SCRATCH/proxy;
  fastcgi_temp_path $STORE_SCRATCH/fastcgi;
  uwsgi_temp_path $STORE_SCRATCH/uwsgi;
  scgi_temp_path $STORE_SCRATCH/scgi;
  server {
    listen 127.0.0.1:$PORT;
    location / { default_type application/octet-stream; return 200 "$kilobyte"; }
  }
}
CONFIGURATION
exec /usr/sbin/nginx -p "$STORE_SCRATCH" -c "$STORE_SCRATCH/nginx.conf" -e stderr
