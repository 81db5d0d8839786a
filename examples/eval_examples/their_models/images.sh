#!/bin/sh
gft_eval --model H:nateraw/vit-base-patch16-224-cifar10 \
    --data H:uoft-cs/cifar10 \
    --split test \
    --eqn 'classify_images: label ~ img'
