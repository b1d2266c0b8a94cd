using System.Buffers.Binary;
using System.Text;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Compute;
using RftConsole.Training.Weights;

using static TorchSharp.torch;

namespace RftConsole.Tests.Weights;

/// <summary>Files come back as they were written, and hostile ones are refused by name.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "weights.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_written_file_comes_back_bit_for_bit() => await TestEngine.RunAsync(() =>
    {
        float[] values = [.. Enumerable.Range(0, 35).Select(i => (float)CounterRandom.Normal(1, 0, (ulong)i)), float.Epsilon];
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["b.ü\"\\"] = tensor(values, [4, 9]), ["a"] = tensor(new float[] { -0f }), ["transposed"] = tensor(values, [4, 9]).t() });
        using var file = SafetensorsFile.Open(File);

        Assert.Equal(["a", "b.ü\"\\", "transposed"], file.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), file.Read("b.ü\"\\", 4, 9).data<float>().ToArray().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(BitConverter.SingleToInt32Bits(-0f), BitConverter.SingleToInt32Bits(file.Read("a", 1).item<float>()));
        Assert.Equal(values[1], file.Read("transposed", 9, 4)[1, 0].item<float>());
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(System.IO.File.ReadAllBytes(File)) % 8);
    });

    [Fact]
    public async Task Bf16_comes_back_rounded_and_other_types_are_not_written() => await TestEngine.RunAsync(() =>
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = tensor(new float[] { 1 + (1 / 256f), -3 }) }, "BF16");
        using var file = SafetensorsFile.Open(File);

        Assert.Equal([1, -3], file.Read("a", 2).data<float>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => SafetensorsWriter.Write(File + "2", new Dictionary<string, Tensor> { ["a"] = ones(2) }, "F64"));
    });

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "a: stands twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "b: overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}""", "a: shape or offsets lie outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "a: shape or offsets lie outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[8,8],"x":1},"b":{"dtype":"F32","shape":[2],"data_offsets":[16,8]}}""", "b: shape or offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775807,-9223372036854775805]}}""", "a: shape or offsets lie outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", "a: shape or offsets lie outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "a: 8 bytes do not make [3] of F32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,2],"data_offsets":[0,8]}}""", "header")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "a: type F64 is not supported")]
    [InlineData("""{"a":{"dtype":null,"shape":[1],"data_offsets":[0,8]}}""", "a: type")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", "header")]
    [InlineData("""{"a":7}""", "header")]
    [InlineData("""[]""", "header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", "header")]
    public void A_header_that_lies_is_refused_with_the_tensors_name(string header, string message)
    {
        Write(header, 16);

        var error = Assert.Throws<WeightFormatException>(() => SafetensorsFile.Open(File).Dispose());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(File, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData((ulong)long.MaxValue)]
    [InlineData(100_000_001UL)]
    [InlineData(1000UL)]
    public void A_header_length_past_the_end_is_refused(ulong length)
    {
        byte[] bytes = new byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        System.IO.File.WriteAllBytes(File, bytes);

        Assert.Contains("header's length", Assert.Throws<WeightFormatException>(() => SafetensorsFile.Open(File)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_file_of_a_few_bytes_is_refused(int count)
    {
        System.IO.File.WriteAllBytes(File, new byte[count]);

        Assert.Throws<WeightFormatException>(() => SafetensorsFile.Open(File));
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused() =>
        Assert.Contains("does not exist", Assert.Throws<WeightFormatException>(() => SafetensorsFile.Open(File)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Missing_tensors_other_shapes_and_values_that_are_not_finite_are_refused_on_reading() => await TestEngine.RunAsync(() =>
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["bad"] = tensor(new float[] { 1, float.NaN }), ["worse"] = tensor(new float[] { float.PositiveInfinity }), ["good"] = ones(2, 3) });
        using var file = SafetensorsFile.Open(File);

        Assert.Equal($"{File}, none: the tensor is missing", Assert.Throws<WeightFormatException>(() => file.Read("none")).Message);
        Assert.Equal($"{File}, good: shape [2, 3] where the configuration asks for [3, 2]", Assert.Throws<WeightFormatException>(() => file.Read("good", 3, 2)).Message);
        Assert.Equal($"{File}, bad: holds a value that is not finite", Assert.Throws<WeightFormatException>(() => file.Read("bad", 2)).Message);
        Assert.Throws<WeightFormatException>(() => file.Read("worse", 1));
    });

    [Fact]
    public async Task Two_thousand_damaged_files_are_read_or_refused_and_nothing_else() => await TestEngine.RunAsync(() =>
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["layer.a"] = ones(3, 4), ["layer.b"] = arange(5).to(float32), ["c"] = zeros(2, 1, 2) });
        byte[] sound = System.IO.File.ReadAllBytes(File);
        int read = 0, refused = 0;
        for (ulong seed = 0; seed < 2000; seed++)
        {
            System.IO.File.WriteAllBytes(File, Mutate(sound, seed));
            try
            {
                using var scope = NewDisposeScope();
                using var file = SafetensorsFile.Open(File);
                foreach (string name in file.Entries.Keys)
                {
                    file.Read(name);
                }

                read++;
            }
            catch (WeightFormatException)
            {
                refused++;
            }
        }

        Assert.True(read > 50 && refused > 500, $"{read} read, {refused} refused: the damage proves little");
    });

    private static byte[] Mutate(byte[] sound, ulong seed)
    {
        byte[] bytes = [.. sound];
        int changes = 1 + (int)(CounterRandom.Bits(seed, 0) % 4);
        for (ulong i = 1; i <= (ulong)changes; i++)
        {
            int place = (int)(CounterRandom.Bits(seed, i, 0) % (ulong)bytes.Length);
            ulong value = CounterRandom.Bits(seed, i, 1);
            switch (CounterRandom.Bits(seed, i, 2) % 6)
            {
                case 0:
                    bytes = bytes[..place];
                    break;
                case 1:
                    bytes = [.. bytes[..place], .. bytes[(place / 2)..]];
                    break;
                case 2:
                    // Digits, signs and brackets make other shapes and offsets.
                    bytes[place] = (byte)"0123456789-[],\"{}"[(int)(value % 17)];
                    break;
                case 3:
                    bytes[place % 8 % bytes.Length] = (byte)value;
                    break;
                default:
                    bytes[place] = (byte)value;
                    break;
            }

            if (bytes.Length == 0)
            {
                break;
            }
        }

        return bytes;
    }

    private void Write(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        System.IO.File.WriteAllBytes(File, bytes);
    }
}
