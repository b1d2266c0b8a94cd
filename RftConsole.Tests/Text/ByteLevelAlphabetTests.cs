using RftConsole.Training.Text;

namespace RftConsole.Tests.Text;

public sealed class ByteLevelAlphabetTests
{
    [Fact]
    public void Each_byte_has_a_visible_character_of_its_own()
    {
        var characters = Enumerable.Range(0, 256).Select(value => ByteLevelAlphabet.ToChar((byte)value)).ToList();

        Assert.Equal(256, characters.Distinct().Count());
        Assert.DoesNotContain(characters, character => char.IsWhiteSpace(character) || char.IsControl(character));
        Assert.Equal("ĠĊĉĀ!aÃ", ByteLevelAlphabet.Encode([0x20, 0x0A, 0x09, 0x00, 0x21, 0x61, 0xC3]));
    }

    [Fact]
    public void All_bytes_come_back()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

        Assert.True(ByteLevelAlphabet.TryDecode(ByteLevelAlphabet.Encode(bytes), out var decoded));
        Assert.Equal(bytes, decoded);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("a中")]
    [InlineData("\u00AD")]
    public void Characters_outside_the_alphabet_are_refused(string text) => Assert.False(ByteLevelAlphabet.TryDecode(text, out _));
}
