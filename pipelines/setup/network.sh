# Sourced. choose_network sets MODEL and LABELS: an 80-class network when one is here or can be had
# within seconds, else our own tiny one, saying so. What the user has set stays.
choose_network() {
    [ -n "${MODEL:-}" ] && return
    local path
    if path=$(timeout 120 models/fetch --path yolox-nano 2>/dev/null); then
        MODEL=$path
        LABELS=${LABELS:-models/coco.names}
        return
    fi
    use_shapes
    echo "No downloaded network is here and none could be fetched, so a tiny one of our own is used that"
    echo "only knows circles, squares and triangles. For 80 classes (person, car, dog, …) run, when"
    echo "online: models/fetch yolox-nano"
}

use_shapes() {
    MODEL=$build/models/shapes.onnx
    LABELS=
}
