#!/bin/sh
# sh k8s/secrets.sh | kubectl create -n align -f -
# Makes the token that silos and clients share, and the database's password, out of the kernel's random numbers, and prints them as two Secrets. Nothing is kept.
# `create` refuses to replace what is there, which would lock silos out of a database that has the old password.
# With DATABASE='Host=…;Username=…;Password=…' in the environment, that connection string (Npgsql's) is taken instead of the base's PostgreSQL.
set -eu
random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }
token=$(random 32)
password=$(random 24)
connection=${DATABASE:-"Host=align-postgres;Port=5432;Database=align;Username=align;Password=$password"}
cat <<END
apiVersion: v1
kind: Secret
metadata:
  name: align-token
stringData:
  token: $(quoted "$token")
---
apiVersion: v1
kind: Secret
metadata:
  name: align-database
stringData:
  password: $(quoted "$password")
  connection: $(quoted "$connection")
END
