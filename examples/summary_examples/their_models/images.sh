#!/bin/sh
gft_summary --model H:nateraw/vit-base-patch16-224-cifar10
