#!/bin/sh
# Runs once, on an empty data folder: the roles that Brikk works as, which row-level security binds, and Temporal's own.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set app="$BRIKK_APP_PASSWORD" --set dispatch="$BRIKK_DISPATCH_PASSWORD" --set temporal="$TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE brikk_app LOGIN PASSWORD :'app';
CREATE ROLE brikk_dispatch LOGIN PASSWORD :'dispatch';
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal';
SQL
