#!/bin/sh
# status.sh JOB: running, success or failed, as Snakemake wants to know, by the controller alone: no accounting is needed.
for try in 1 2 3; do
    said=$(scontrol show job -o "$1" 2>&1)
    case $said in
    *JobState=COMPLETED*) echo success; exit ;;
    *JobState=PENDING* | *JobState=RUNNING* | *JobState=CONFIGURING* | *JobState=COMPLETING* | *JobState=SUSPENDED* | *JobState=REQUEUE*)
        echo running
        exit
        ;;
    # Done so long ago that Slurm has forgotten it: tried again, roi_bids finds what is complete.
    *JobState=* | *"Invalid job id"*) echo failed; exit ;;
    esac
    sleep 2 # the controller is busy
done
echo running
