#!/bin/bash
# workflow.sh APP MAKE_SUBJECT STUDY WORK_DIR [KILLS]: the workflow of examples/study over 12 subjects, on a Slurm of one
# machine where one can be started (root; slurmctld, slurmd, munged), else on this machine alone; killed at random
# moments and started again, it leaves the same bytes as undisturbed.
set -eu
app=$1 make_subject=$2 study=$3 work=$4 kills=${5:-3}
rm -rf "$work"
mkdir -p "$work"
cd "$work"

for tool in snakemake python3; do
    command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit; }
done
"$make_subject" study --bids --subjects 12 --quiet
config() { # NAME OUTPUT
    sed -e "s|^output_dir:.*|output_dir: $2|" -e "s|^roi_bids:.*|roi_bids: $app|" "$study/config.yaml" >"$1"
}
config undisturbed.yaml whole
config killed.yaml out

# A controller and a daemon of our own: no accounting, authentication by munge.
slurm=
started=()
start_daemon() { setsid "$@" >>slurm/log 2>&1 & started+=($!); }
start_slurm() {
    [ "$(id -u)" -eq 0 ] || { echo "Slurm is not tried: it needs root"; return; }
    for tool in slurmctld slurmd munged munge sbatch scontrol; do
        PATH=$PATH:/usr/sbin command -v $tool >/dev/null || { echo "Slurm is not tried: $tool is missing"; return; }
    done
    export PATH=$PATH:/usr/sbin SLURM_CONF=$work/slurm/slurm.conf
    mkdir -p slurm/state slurm/spool
    local host
    host=$(hostname -s)
    cat >slurm/slurm.conf <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool
SlurmctldPidFile=$work/slurm/slurmctld.pid
SlurmdPidFile=$work/slurm/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=1,defer_batch
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES State=UP
END
    if ! munge -n >/dev/null 2>&1; then
        mkdir -p /run/munge
        chown munge:munge /run/munge
        start_daemon runuser -u munge -- munged --foreground --force
        sleep 1
    fi
    start_daemon slurmctld -D -c
    start_daemon slurmd -D -c
    for _ in $(seq 30); do
        if sinfo --noheader --format=%T 2>/dev/null | grep -q idle; then
            slurm=yes
            return
        fi
        sleep 0.5
    done
    echo "Slurm could not be started: $(tail -n 2 slurm/log | tr '\n' ' ')"
}
# A job whose shell is killed first leaves children that Slurm no longer knows; all that works in this folder is ours.
kill_left_overs() {
    local one name
    for one in /proc/[0-9]*; do
        name=
        [ "${one#/proc/}" != $$ ] && [ "$(readlink "$one/cwd" 2>/dev/null)" = "$(pwd -P)" ] || continue
        read -r -d '' name <"$one/cmdline" 2>/dev/null || true
        case ${name##*/} in
        *slurm* | munged) ;; # our daemons and their helpers
        *) kill -KILL "${one#/proc/}" 2>/dev/null || true ;;
        esac
    done
}
stop_slurm() {
    for one in ${started[@]+"${started[@]}"}; do kill -- "-$one" 2>/dev/null || kill "$one" 2>/dev/null || true; done
}
trap 'stop_slurm; kill_left_overs' EXIT
start_slurm

run_study() { # CONFIG
    local how=(--cores 2 --rerun-incomplete --keep-going)
    [ -z "$slurm" ] || how=(--profile "$study/slurm" --latency-wait 20 --max-status-checks-per-second 5)
    snakemake --snakefile "$study/Snakefile" --configfile "$1" --quiet "${how[@]}" >>snakemake.log 2>&1
}
cancel_jobs() {
    [ -z "$slurm" ] || scancel --signal=KILL --full --user=root >/dev/null 2>&1 || true
    [ -z "$slurm" ] || scancel --user=root >/dev/null 2>&1 || true
}

begin=$(date +%s%N)
run_study undisturbed.yaml || { tail -n 40 snakemake.log; exit 1; }
whole=$((($(date +%s%N) - begin) / 1000000))
seed=${ROI_SEED:-$RANDOM}
RANDOM=$seed
echo "seed $seed; undisturbed in $whole ms$([ -n "$slurm" ] && echo ' on Slurm')"
for ((kill = 0; kill < kills; ++kill)); do
    [ $((kill % 4)) -ne 3 ] || rm -rf out .roi-study/out # or all would soon be done
    delay=$((RANDOM * (whole * 9 / 10) / 32768))
    (export -f run_study; export study slurm; exec setsid bash -c "run_study killed.yaml") &
    group=$!
    sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    kill -KILL -- "-$group" 2>/dev/null || true
    wait "$group" 2>/dev/null || true
    cancel_jobs
    kill_left_overs
    snakemake --snakefile "$study/Snakefile" --configfile killed.yaml --unlock >/dev/null 2>&1
done
run_study killed.yaml || { tail -n 40 snakemake.log; exit 1; }
diff -r whole out
[ -z "$(find out -name '.roi-unfinished*')" ]
grep -q 'sub-03' out/group/report.html
[ "$(grep -c '<tr><th scope="row">sub-' out/group/report.html)" -eq 12 ]
echo "killed $kills times, the same bytes$([ -n "$slurm" ] || echo '; without Slurm')"
