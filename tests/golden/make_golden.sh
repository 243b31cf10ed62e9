#!/usr/bin/env bash
# Makes golden/*.txt anew with Apache Kafka's own message classes. Needs Java 17 and Maven; running it twice changes
# nothing. HIGHWATER_GOLDEN_LIBS names a folder that already holds the jars.
set -euo pipefail
cd "$(dirname "$0")/../.."
libs=${HIGHWATER_GOLDEN_LIBS:-build/golden/libs}

mkdir -p build/golden
if [ ! -d "$libs" ]; then
  mvn -q -B -f tests/golden/pom.xml org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$PWD/build/golden/libs.part"
  mv build/golden/libs.part "$libs"
fi

java -Xmx512m -cp "$libs/*" tests/golden/GoldenBytes.java golden
for vectors in RecordVectors:record_batches ProducerVectors:producer_histories; do
  java -Xmx512m -cp "$libs/*" "tests/golden/${vectors%%:*}.java" 2> /dev/null > build/golden/vectors.part
  mv build/golden/vectors.part "golden/log/${vectors##*:}.txt"
done
git status --short golden
