#!/usr/bin/env bash
# Cleans, deduplicates and packs a corpus with `moe data` and with the Spark job, prints the SHA-256 of all outputs side by side, and fails at
# the first difference.
#
# Use: scripts/spark-equal.sh CORPUS WORK [EVALUATION...]
#   CORPUS      folder with text
#   WORK        a new folder for the outputs
#   EVALUATION  JSON Lines files or folders, for dedup --against
#
# Environment: SPARK_HOME (a Spark distribution; without one its jars of the last `./mvnw package` are used), SPARK_MASTER (default
# local[*]), SPARK_DRIVER_MEMORY (default 2g), TOKENIZER (default samples/zh.model).
set -euo pipefail

[[ $# -ge 2 ]] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
home=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
corpus=$1 work=$2
shift 2
against=()
[[ $# -eq 0 ]] || against=(--against "$@")
tokenizer=${TOKENIZER:-$home/samples/zh.model}
master=${SPARK_MASTER:-local[*]}
memory=${SPARK_DRIVER_MEMORY:-2g}
jars=("$home"/moe-spark/target/moe-spark-*-all.jar)
[[ -f ${jars[0]} ]] || { echo "no ${jars[0]}; run ./mvnw -pl moe-spark -am -DskipTests package" >&2; exit 3; }
mkdir -p "$work"

# Runs a command; says how long it took and, where GNU time is there, the most memory it had.
timed() {
  local name=$1 began=$SECONDS status=0
  shift
  if [[ -x /usr/bin/time ]]; then
    /usr/bin/time -f "$name: %e s, %M KiB at most" "$@" || status=$?
  else
    "$@" || status=$?
    echo "$name: $((SECONDS - began)) s" >&2
  fi
  return "$status"
}

# bin/spark-submit starts the class below with these options; so does this, where there is no distribution.
submit() {
  local name=$1
  shift
  local options=(--master "$master" --driver-memory "$memory" --conf spark.ui.enabled=false --class io.github.gptmoe.spark.Main)
  if [[ -n ${SPARK_HOME:-} ]]; then
    timed "$name" "$SPARK_HOME/bin/spark-submit" "${options[@]}" "${jars[0]}" "$@"
    return
  fi
  local opens=() package
  for package in java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent \
    java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar; do
    opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
  done
  timed "$name" "${JAVA_HOME:+$JAVA_HOME/bin/}java" "${opens[@]}" -Djdk.reflect.useDirectMethodHandle=false \
    -Dio.netty.tryReflectionSetAccessible=true "-Xmx$memory" -cp "$(cat "$home/moe-spark/target/spark.classpath")" \
    org.apache.spark.deploy.SparkSubmit "${options[@]}" "${jars[0]}" "$@"
}

# Checksums of the files of a folder that are no state; the page of the command is not made by the job.
sums() {
  (cd "$1" && find . -type f -not -path '*/.state/*' -not -name report.html -print0 | sort -z | xargs -0 sha256sum)
}

timed "moe clean" "$home/moe" data clean --input "$corpus" --out "$work/moe/clean" --set language.allowLatin=true
submit "spark clean" clean --input "$corpus" --out "$work/spark/clean" --set language.allowLatin=true
timed "moe dedup" "$home/moe" data dedup --input "$work/moe/clean" --out "$work/moe/dedup" ${against[@]+"${against[@]}"}
submit "spark dedup" dedup --input "$work/spark/clean" --out "$work/spark/dedup" ${against[@]+"${against[@]}"}
# Packs name their inputs, so both take the same.
timed "moe pack" "$home/moe" data pack --input "$work/moe/dedup" --tokenizer "$tokenizer" --out "$work/moe/pack"
submit "spark pack" pack --input "$work/moe/dedup" --tokenizer "$tokenizer" --out "$work/spark/pack"

equal=yes
for step in clean dedup pack; do
  echo "== $step: moe | spark"
  if diff --side-by-side --width 240 <(sums "$work/moe/$step") <(sums "$work/spark/$step"); then
    echo "== $step is equal"
  else
    equal=no
    echo "== $step differs"
  fi
done
[[ $equal == yes ]]
