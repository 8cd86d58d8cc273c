"""The 80 object classes of COCO as its detectors number them (1 to 90, with gaps)."""

NAMES: dict[int, str] = {
    number: name
    for number, name in enumerate(
        (
            "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,,stop sign,"
            "parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,,backpack,umbrella,,,"
            "handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,"
            "surfboard,tennis racket,bottle,,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,"
            "broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,,dining table,,,toilet,,tv,laptop,"
            "mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,,book,clock,vase,scissors,"
            "teddy bear,hair drier,toothbrush"
        ).split(","),
        start=1,
    )
    if name
}

IDS: tuple[int, ...] = tuple(NAMES)
CLASS_NAMES: tuple[str, ...] = tuple(NAMES.values())
PERSON = "person"
