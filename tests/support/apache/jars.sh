#!/usr/bin/env bash
# jars.sh [old]: prints the folder that holds Apache Kafka's published jars, fetching them once through Maven; `old` for a
# broker of the ZooKeeper days.
# Exit status 3 with one line on stderr when Java, Maven or their registry is not to be had: callers print NOT RUN then.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" = old ]; then
  pom=old.xml jars=${HIGHWATER_OLD_APACHE_JARS:-$HOME/.cache/highwater/apache-kafka-2.8.2}
else
  pom=pom.xml jars=${HIGHWATER_APACHE_JARS:-$HOME/.cache/highwater/apache-kafka-4.3.1}
fi

for program in java javac mvn; do
  command -v "$program" > /dev/null || { echo "$program is not installed (Debian: openjdk-17-jdk-headless, maven)" >&2; exit 3; }
done
# Another list of jars is another fetch.
complete="$jars/.complete-$(cksum < "$here/$pom" | cut -d' ' -f1)"
if [ ! -f "$complete" ]; then
  mkdir -p "$jars"
  timeout 600 mvn -q -B -f "$here/$pom" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars" \
    > "$jars/fetch.log" 2>&1 || { echo "Maven could not fetch Apache Kafka's jars; see $jars/fetch.log" >&2; exit 3; }
  touch "$complete"
fi
echo "$jars"
