#!/bin/sh
outdir=${1:?usage: sh timit.sh FOLDER}
gft_fit --model H:facebook/wav2vec2-base \
    --data H:timit_asr \
    --splits train,test,test \
    --output_dir "$outdir" \
    --eqn 'ctc: text ~ audio' \
    --overwrite_output_dir \
    --num_train_epochs 20 \
    --per_device_train_batch_size 4 \
    --per_device_eval_batch_size 1 \
    --gradient_accumulation_steps 8 \
    --weight_decay 0.005 \
    --learning_rate 1e-4 \
    --warmup_steps 1000 \
    --evaluation_strategy steps \
    --save_steps 400 \
    --eval_steps 100 \
    --logging_steps 10 \
    --layerdrop 0.0 \
    --save_total_limit 3 \
    --chars_to_ignore ', ? . ! - \; \: " “ % ‘ ” �' \
    --fp16 \
    --group_by_length \
    --do_train \
    --do_eval
