"""Records nn.MultiheadAttention on made-up numbers: weights as PyTorch names them, inputs, and what it answers."""
import json
import struct

import torch

TYPES = {torch.float32: "F32", torch.int64: "I64"}


def write(path, tensors, metadata=None):
    header, data = ({"__metadata__": metadata} if metadata else {}), b""
    for name, tensor in tensors.items():
        raw = struct.pack(f"<{tensor.numel()}{'f' if tensor.dtype == torch.float32 else 'q'}", *tensor.flatten().tolist())
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    torch.manual_seed(7)
    recorded = {}
    kinds = {
        "one-width": dict(embed_dim=12, num_heads=3),
        "other-widths": dict(embed_dim=12, num_heads=4, kdim=10, vdim=6),
        "no-bias": dict(embed_dim=8, num_heads=1, bias=False),
        "added-key": dict(embed_dim=8, num_heads=2, add_bias_kv=True),
    }
    for name, settings in kinds.items():
        attention = torch.nn.MultiheadAttention(batch_first=True, **settings).eval()
        with torch.no_grad():
            for parameter in attention.parameters():
                parameter.copy_(torch.randn_like(parameter) * 0.7)
            write(f"{name}.safetensors", attention.state_dict(), {"num_heads": str(settings["num_heads"])})
            width = settings["embed_dim"]
            query, key, value = torch.randn(1, 3, width), torch.randn(1, 5, settings.get("kdim", width)), torch.randn(1, 5, settings.get("vdim", width))
            absent = torch.tensor([[False, True, False, False, True]])
            output, weights = attention(query, key, value)
            masked, masked_weights = attention(query, key, value, key_padding_mask=absent)
        for part, tensor in {"query": query, "key": key, "value": value, "output": output, "weights": weights, "masked_output": masked, "masked_weights": masked_weights}.items():
            recorded[f"{name}/{part}"] = tensor[0].contiguous()
        recorded[f"{name}/absent"] = absent[0].long()
    write("recorded.safetensors", recorded)
    print(torch.__version__)


main()
